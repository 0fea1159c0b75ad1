/**
 * The real output of the doctor: the built command runs against the embedded server. Two things are changed: the port, and the
 * clock, which advances by a millisecond each time it is read.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { root } from './lib.mjs'
import { terminalSvg } from './terminal-svg.mjs'

const require = createRequire(import.meta.url)

/** The blocks of packages/auth-doctor/README.md, by name, and the recording of a run on a terminal. */
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
    const run = async (issued, password, show) => {
      const server = await startTestServer({
        authenticator,
        tls: { cert: issued.chainPem, key: issued.keyPem },
        query: (cql) => (/^LIST ROLES/.test(cql) ? [{ role: 'app', super: false, login: true }] : undefined),
      })
      try {
        const args = [`127.0.0.1:${server.port}`, '--ca', file, '--username', 'app']
        const command = `npx @x/auth-doctor ${args.join(' ').replace(file, 'ca.pem').replaceAll(`:${server.port}`, '')}`
        const usual = (text) => text.replaceAll(file, 'ca.pem').replaceAll(String(server.port), '9042')
        return await show({ command, usual, print: (isTTY) => printed(args, password, isTTY) })
      } finally {
        await server.stop()
      }
    }
    return {
      blocks: {
        'a wrong name': await run(named, 'a password', asBlock),
        'a good server': await run(good, 'a password', asBlock),
      },
      recording: await run(named, 'a password', asRecording),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function asBlock({ command, usual, print }) {
  const { out } = await print(false)
  return `\`\`\`text\n$ ${command}\n${usual(out).trimEnd()}\n\`\`\``
}

/** What a terminal shows, with the changes of the progress line. */
async function asRecording({ command, usual, print }) {
  const { out, err } = await print(true)
  const progress = usual(err)
    .split('\r\x1b[K')
    .filter((text) => text !== '')
  return terminalSvg({ command, progress, output: usual(out) })
}

/** The text on stdout and on stderr, for a terminal or for a pipe. */
async function printed(args, password, isTTY) {
  const { main } = require(join(root, 'packages/auth-doctor/dist/main.js'))
  const [stdin, stdout, stderr] = ['in', 'out', 'err'].map(() => Object.assign(new PassThrough(), { isTTY }))
  const environment = { AUTH_DOCTOR_PASSWORD: password }
  await main(args, { stdin, stdout, stderr, environment }, { clock: countingClock() })
  return { out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
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
