/**
 * What the doctor prints, as it really is: the built command against the embedded server. Of a run are changed: the port, and the
 * clock, which goes on by a millisecond whenever somebody looks at it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { root } from './lib.mjs'

const require = createRequire(import.meta.url)

/** The blocks of packages/auth-doctor/README.md, by name. */
export async function doctorOutput() {
  const { createCertificates, passwordAuthenticator, startTestServer } = require(
    join(root, 'packages/auth-testserver/dist/index.js'),
  )
  const folder = mkdtempSync(join(tmpdir(), 'x-auth-doctor-'))
  try {
    const { ca, server: good } = await createCertificates()
    const named = await ca.issue({ names: ['node1.example'] })
    const file = join(folder, 'ca.pem')
    writeFileSync(file, ca.root.certPem)
    const authenticator = passwordAuthenticator({ users: { app: 'a password' } })
    const run = async (issued, password) => {
      const server = await startTestServer({
        authenticator,
        tls: { cert: issued.chainPem, key: issued.keyPem },
        query: (cql) => (/^LIST ROLES/.test(cql) ? [{ role: 'app', super: false, login: true }] : undefined),
      })
      try {
        const args = [`127.0.0.1:${server.port}`, '--ca', file, '--username', 'app']
        const text = await printed(args, password)
        const shown = args.join(' ').replace(file, 'ca.pem').replaceAll(`:${server.port}`, '')
        const said = text.replaceAll(file, 'ca.pem').replaceAll(String(server.port), '9042')
        return `\`\`\`text\n$ npx @x/auth-doctor ${shown}\n${said.trimEnd()}\n\`\`\``
      } finally {
        await server.stop()
      }
    }
    return {
      'a wrong name': await run(named, 'a password'),
      'a good server': await run(good, 'a password'),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function printed(args, password) {
  const { main } = require(join(root, 'packages/auth-doctor/dist/main.js'))
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const environment = { AUTH_DOCTOR_PASSWORD: password }
  await main(args, { stdin, stdout, stderr, environment }, { clock: countingClock() })
  return String(stdout.read() ?? '')
}

function countingClock() {
  let now = Date.now()
  return {
    now: () => ++now,
    schedule(delayMs, action) {
      const timer = setTimeout(action, delayMs)
      return {
        ref: () => void timer.ref(),
        unref: () => void timer.unref(),
        cancel: () => clearTimeout(timer),
      }
    },
  }
}
