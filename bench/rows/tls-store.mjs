import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import tls from 'node:tls'
import { run } from '../lib/npm.mjs'

const passphrase = 'changeit'
const iterations = 600_000
const rounds = 3

/** Two stores of the same pair, each with its own salts. @returns {Promise<import('../lib/row.mjs').Running>} */
async function makeStores() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-store-'))
  const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => join(folder, name))
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30']
  run(
    'openssl',
    ['req', '-x509', ...curve, '-subj', '/CN=client', '-keyout', `${key}`, '-out', `${certificate}`],
    folder,
  )
  const stores = ['first.p12', 'second.p12'].map((name) => join(folder, name))
  for (const store of stores) {
    const pair = ['-in', `${certificate}`, '-inkey', `${key}`, '-passout', `pass:${passphrase}`]
    run('openssl', ['pkcs12', '-export', ...pair, '-iter', `${iterations}`, '-out', store], folder)
  }
  return { info: { folder, stores }, stop: () => rmSync(folder, { recursive: true }) }
}

/** Measures the duration, and how late timers are during that time. @param {() => unknown} action */
async function timed(action) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const turn = () => new Promise((resolve) => setTimeout(resolve, 2))
  await turn()
  const start = performance.now()
  await action()
  const wall = performance.now() - start
  await turn() // the next timer shows how long the event loop was blocked
  delay.disable()
  return { wall, p99: delay.percentile(99) / 1e6 }
}

/** @type {import('../lib/row.mjs').Subject['measure']} */
async function* byOpenssl({ shared, times }) {
  const pfx = readFileSync(shared.stores[0])
  for (let round = times(rounds); round > 0; round--) {
    yield await timed(() => tls.createSecureContext({ pfx, passphrase }))
  }
}

/** @type {import('../lib/row.mjs').Subject['measure']} */
async function* byProfile({ shared, times }) {
  const { verifyClient } = await import('@x/tls-profiles')
  const pfx = shared.stores[0]
  for (let round = times(rounds); round > 0; round--) {
    yield await timed(() => verifyClient({ pfx, passphrase, watch: false }).close())
  }
}

/** @type {import('../lib/row.mjs').Subject['measure']} */
async function* byRotation({ shared, times }) {
  const { verifyClient } = await import('@x/tls-profiles')
  const pfx = join(mkdtempSync(join(shared.folder, 'rotation-')), 'client.p12')
  copyFileSync(shared.stores[0], pfx)
  const profile = verifyClient({ pfx, passphrase, watch: false })
  for (let round = 0; round < times(rounds); round++) {
    copyFileSync(shared.stores[(round + 1) % 2], pfx)
    yield await timed(() => profile.reload())
  }
  profile.close()
}

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'A PKCS #12 store of 600 000 iterations',
  about:
    'Opening a store that OpenSSL 3 wrote with 600 000 iterations for key, certificate and MAC: with `tls.createSecureContext({ pfx })`, with a new profile, and with a profile that rotates while the event loop continues. The delay is the delay of timers during that time.',
  metrics: {
    wall: { title: 'until it is open', unit: 'ms', against: 'ratio' },
    p99: { title: 'delay of the event loop, 99th percentile', unit: 'ms' },
  },
  reference: 'openssl',
  subjects: {
    openssl: { title: '`tls.createSecureContext({ pfx })`', measure: byOpenssl },
    profile: { title: '`verifyClient({ pfx })`', measure: byProfile },
    rotation: { title: 'its rotation', measure: byRotation },
  },
  goals: [
    { subject: 'profile', metric: 'wall', atMost: 1.5 },
    { subject: 'rotation', metric: 'wall', atMost: 1.5 },
    { subject: 'rotation', metric: 'p99', atMost: 20 },
  ],
  repeats: 7,
  setUp: makeStores,
}
