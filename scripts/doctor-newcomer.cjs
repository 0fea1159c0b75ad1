/**
 * Does what a newcomer does, in a folder where the packages are installed from tarballs. It runs the doctor's command against a good server
 * over TLS, then runs the code that the doctor prints, as an ES module and as CommonJS. `check-packages.mjs` copies this file to the folder.
 */
const { spawn } = require('node:child_process')
const { writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { createCertificates, passwordAuthenticator, startTestServer } = require('@x/auth-testserver')

const password = 'a password of nobody'

async function main() {
  const { ca, server: issued } = await createCertificates()
  writeFileSync('ca.pem', ca.root.certPem)
  const server = await startTestServer({
    tls: { cert: issued.chainPem, key: issued.keyPem },
    authenticator: passwordAuthenticator({ users: { app: password } }),
  })
  const args = [`127.0.0.1:${server.port}`, '--ca', 'ca.pem', '--username', 'app', '--json']
  const { code, out, err } = await command(args)
  const { verdict, login, paste, connections, durationMs } = JSON.parse(out)
  if (code !== 0 || verdict.code !== 'FINE' || login.outcome !== 'success')
    throw new Error(`${code} ${out} ${err}`)
  if (out.includes(password)) throw new Error('the password is in the report')
  writeFileSync('paste.mjs', paste.esm)
  writeFileSync('paste.cjs', paste.commonjs)
  for (const file of ['paste.mjs', 'paste.cjs']) await logsIn(file)
  await server.stop()
  console.log(`${process.version}: ${durationMs} ms, ${connections} connections`)
}

/** The link that npm makes, or the file if there are no links (Windows). */
function command(args) {
  const file = join('node_modules', '@x', 'auth-doctor', 'bin', 'auth-doctor.cjs')
  const child = spawn(process.execPath, [file, ...args], {
    env: { ...process.env, AUTH_DOCTOR_PASSWORD: password },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (text) => {
    out += text
  })
  child.stderr.on('data', (text) => {
    err += text
  })
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, out, err }))
  })
}

async function logsIn(file) {
  process.env.CASSANDRA_USERNAME = 'app'
  process.env.CASSANDRA_PASSWORD = password
  const { client } = await import(`./${file}`)
  await client.connect()
  if (client.getState().getConnectedHosts().length !== 1) throw new Error(`${file} is not connected`)
  await client.shutdown()
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
