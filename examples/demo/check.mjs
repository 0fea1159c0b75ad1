/**
 * Checks `--cassandra` with a cluster that requires a client certificate and has its own names for the nodes, and checks wrong
 * command lines.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificateAuthority, passwordAuthenticator, startTestServer } from '@x/auth-testserver'

const folder = mkdtempSync(join(tmpdir(), 'demo-'))
const authority = await createCertificateAuthority()
const node = await authority.issue({ names: ['cassandra.example'] })
const client = await authority.issue({ commonName: 'app', usage: 'client' })
const server = await startTestServer({
  tls: {
    cert: node.chainPem,
    key: node.keyPem,
    ca: authority.root.certPem,
    requestClientCertificate: 'require',
  },
  authenticator: passwordAuthenticator({ users: { app: 'secret' } }),
})
const login = ['--cassandra', `127.0.0.1:${server.port}`, '--username', 'app']
const ca = ['--ca', write('ca.pem', authority.root.certPem)]
const certificate = ['--cert', write('app.crt', client.chainPem), '--key', write('app.key', client.keyPem)]
const servername = ['--servername', 'cassandra.example']

try {
  await ends(0, /✓ logged in; cluster/, [...login, ...ca, ...certificate, ...servername])
  await ends(1, /NAME_MISMATCH/, [...login, ...ca, ...certificate])
  await ends(1, /LOGIN_REFUSED/, [...login, ...ca, ...certificate, ...servername], 'wrong')
  await ends(1, /--cert FILE and --key FILE go together/, [...login, ...ca, ...certificate.slice(0, 2)])
  await ends(1, /--cert, --key and --servername need --ca FILE/, [...login, ...servername])
  await ends(1, /--cassandra needs --username NAME/, login.slice(0, 2))
  await ends(1, /a password is never an argument/, [...login, '--password', 'secret'])
} finally {
  await server.stop()
  rmSync(folder, { recursive: true })
}

function write(name, text) {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

/** @param {number} status @param {RegExp} says @param {readonly string[]} args */
async function ends(status, says, args, password = 'secret') {
  const env = { ...process.env, CASSANDRA_PASSWORD: password }
  const ended = await new Promise((resolve) => {
    execFile(
      process.execPath,
      ['demo.mjs', ...args],
      { cwd: import.meta.dirname, env },
      (error, stdout, stderr) => resolve({ status: error?.code ?? 0, text: `${stdout}${stderr}` }),
    )
  })
  assert.match(ended.text, says)
  assert.equal(ended.status, status, ended.text)
  assert.doesNotMatch(ended.text, /secret|^ +at /m)
}
