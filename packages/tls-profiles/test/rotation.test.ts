/** Material that changes while it is in use. */
import { copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'cassandra-driver'
import { mutual, type RotationEvent, type TlsProfile, verifyClient, verifyServer } from '../src/index.js'
import { type Authority, createAuthority, type Issued } from './support/certificates.js'
import { connectClient, innerError } from './support/driver.js'
import { listenToErrors, listenToExpiry, listenToRotation } from './support/events.js'
import { folder, removeFolders } from './support/folder.js'
import { closeAll, tlsServer } from './support/servers.js'

let first: Authority
let second: Authority
let ours: Issued
let renewed: Issued
const made: TlsProfile[] = []
const listeners: { stop(): void }[] = []

beforeAll(async () => {
  ;[first, second] = await Promise.all([createAuthority('First CA'), createAuthority('Second CA')])
  ours = await first.issue({ commonName: 'ours', names: [] })
  renewed = await first.issue({ commonName: 'renewed', names: [] })
})
afterEach(async () => {
  for (const profile of made.splice(0)) profile.close()
  for (const listener of listeners.splice(0)) listener.stop()
  await closeAll()
})
afterAll(removeFolders)

function make<T extends TlsProfile>(profile: T): T {
  made.push(profile)
  return profile
}
function listening<T extends { stop(): void }>(listener: T): T {
  listeners.push(listener)
  return listener
}
const rotated = ({ outcome }: RotationEvent) => outcome === 'rotated'
const caOf = (profile: TlsProfile) => profile.explain().trust?.ca.map(({ subject }) => subject)
const clientOf = (profile: TlsProfile) => profile.explain().clientCertificate?.subject

/** Writes a new file next to the old one and renames it, as cert-manager and most other tools do. */
function replaceFile(path: string, contents: string): void {
  writeFileSync(`${path}.new`, contents)
  renameSync(`${path}.new`, path)
}

function caFile(contents = first.cert): string {
  const path = join(folder(), 'ca.pem')
  writeFileSync(path, contents)
  return path
}

function identityFiles(dir = folder()) {
  const cert = join(dir, 'tls.crt')
  const key = join(dir, 'tls.key')
  writeFileSync(cert, ours.cert)
  writeFileSync(key, ours.key)
  return { cert, key }
}

test('one context serves all connections until the material changes', async () => {
  const rotation = listening(listenToRotation())
  const ca = caFile()
  const profile = make(verifyServer({ ca }))
  const before = profile.secureContext
  expect(profile.secureContext).toBe(before)
  replaceFile(ca, second.cert)
  const event = await rotation.until(rotated)
  expect(event).toMatchObject({ profile: 'verifyServer', files: [ca], trigger: 'watch', error: undefined })
  expect(profile.secureContext).not.toBe(before)
  expect(caOf(profile)).toEqual(['CN=Second CA'])
  expect(profile.status()).toMatchObject({ state: 'current', rotations: 1, failure: undefined })
})

test('new connections use the new CA; open ones continue; the old CA is refused', async () => {
  const rotation = listening(listenToRotation())
  const [old, next] = await Promise.all([first, second].map(async (ca) => tlsServer(await ca.issue())))
  const ca = caFile()
  const profile = make(verifyServer({ ca }))
  const client = new Client({
    contactPoints: [`127.0.0.1:${old?.port}`],
    localDataCenter: 'dc1',
    sslOptions: profile,
    pooling: { heartBeatInterval: 0 },
  })
  await client.connect()
  replaceFile(ca, second.cert)
  await rotation.until(rotated)
  await client.execute('SELECT * FROM system.local')
  await client.shutdown()
  expect(await connectClient(Number(next?.port), profile)).toEqual({})
  expect(innerError(await connectClient(Number(old?.port), profile))?.code).toBe(
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  )
})

test('a new client certificate reaches the server', async () => {
  const rotation = listening(listenToRotation())
  const server = await tlsServer({ ...(await first.issue()), ca: first.cert, requestCert: true })
  const files = identityFiles()
  const profile = make(mutual({ ca: first.cert, ...files }))
  await connectClient(server.port, profile)
  replaceFile(files.key, renewed.key)
  replaceFile(files.cert, renewed.cert)
  await rotation.until(rotated)
  await connectClient(server.port, profile)
  expect([...new Set(server.clients)]).toEqual(['ours', 'renewed'])
})

test('a spread copy keeps the material that it was made with', async () => {
  const rotation = listening(listenToRotation())
  const ca = caFile()
  const profile = make(verifyServer({ ca }))
  const copy = { ...profile }
  replaceFile(ca, second.cert)
  await rotation.until(rotated)
  expect(copy.secureContext).not.toBe(profile.secureContext)
})

test('Kubernetes: the folder behind the link ..data is swapped', async () => {
  const rotation = listening(listenToRotation())
  const dir = folder()
  const publish = (version: string, { cert, key }: Issued) => {
    mkdirSync(join(dir, version))
    writeFileSync(join(dir, version, 'tls.crt'), cert)
    writeFileSync(join(dir, version, 'tls.key'), key)
    symlinkSync(version, join(dir, '..data_tmp'))
    renameSync(join(dir, '..data_tmp'), join(dir, '..data'))
  }
  publish('..2026_01', ours)
  for (const name of ['tls.crt', 'tls.key']) symlinkSync(join('..data', name), join(dir, name))
  const profile = make(mutual({ ca: first.cert, cert: join(dir, 'tls.crt'), key: join(dir, 'tls.key') }))
  publish('..2026_02', renewed)
  rmSync(join(dir, '..2026_01'), { recursive: true })
  await rotation.until(rotated)
  expect(clientOf(profile)).toBe('CN=renewed')
  // And once more, after the first folder was removed.
  publish('..2026_03', ours)
  await rotation.until(() => rotation.seen.filter(rotated).length === 2)
  expect(clientOf(profile)).toBe('CN=ours')
})

test('a link further up is found by polling', async () => {
  const rotation = listening(listenToRotation())
  const dir = folder()
  for (const [name, ca] of [
    ['v1', first],
    ['v2', second],
  ] as const) {
    mkdirSync(join(dir, name))
    writeFileSync(join(dir, name, 'ca.pem'), ca.cert)
  }
  // The folder that the link leads to is watched; the folder with the link is not.
  const link = join(folder(), 'current')
  symlinkSync(join(dir, 'v1'), link)
  const profile = make(verifyServer({ ca: join(link, 'ca.pem'), watch: { pollIntervalMs: 20 } }))
  symlinkSync(join(dir, 'v2'), `${link}.new`)
  renameSync(`${link}.new`, link)
  expect((await rotation.until(rotated)).trigger).toBe('poll')
  expect(caOf(profile)).toEqual(['CN=Second CA'])
})

test('a file that is missing for a moment is not a failure', async () => {
  const rotation = listening(listenToRotation())
  const errors = listening(listenToErrors())
  const ca = caFile()
  const profile = make(verifyServer({ ca }))
  rmSync(ca)
  const event = await rotation.until(({ outcome }) => outcome === 'waiting')
  expect(event.error?.code).toBe('FILE_MISSING')
  expect(profile.status().state).toBe('current')
  writeFileSync(ca, second.cert)
  await rotation.until(rotated)
  expect(errors.seen).toEqual([])
})

test('if only one file of a pair is new, the profile waits for the other', async () => {
  const rotation = listening(listenToRotation())
  const errors = listening(listenToErrors())
  const files = identityFiles()
  const profile = make(mutual({ ca: first.cert, ...files }))
  writeFileSync(files.cert, renewed.cert)
  expect((await rotation.until(({ outcome }) => outcome === 'waiting')).error?.code).toBe('KEY_MISMATCH')
  expect(clientOf(profile)).toBe('CN=ours')
  writeFileSync(files.key, renewed.key)
  await rotation.until(rotated)
  expect(clientOf(profile)).toBe('CN=renewed')
  expect(errors.seen).toEqual([])
})

test('bad material is refused: the old one stays in use, with its age, until there is a good one', async () => {
  const rotation = listening(listenToRotation())
  const errors = listening(listenToErrors())
  const { port } = await tlsServer(await first.issue())
  const ca = caFile()
  const profile = make(verifyServer({ ca }))
  const before = profile.secureContext
  replaceFile(ca, 'not a certificate')
  const event = await errors.until(() => true)
  expect(event).toMatchObject({ outcome: 'kept', error: { code: 'CERTIFICATE_MISSING', file: ca } })
  expect(event.materialAgeMs).toBeGreaterThan(0)
  const status = profile.status()
  expect(status).toMatchObject({
    state: 'stale',
    failure: { error: { code: 'CERTIFICATE_MISSING' } },
    rotations: 0,
  })
  expect(status.failure?.attempts).toBeGreaterThanOrEqual(2)
  expect(status.ageMs).toBeGreaterThanOrEqual(event.materialAgeMs)
  expect(profile.secureContext).toBe(before)
  expect(await connectClient(port, profile)).toEqual({})
  replaceFile(ca, first.cert + second.cert)
  await rotation.until(rotated)
  expect(profile.status()).toMatchObject({ state: 'current', failure: undefined, rotations: 1 })
})

test('files that change back to the material in use are current again', async () => {
  const errors = listening(listenToErrors())
  const ca = caFile()
  const profile = make(verifyServer({ ca }))
  replaceFile(ca, '')
  await errors.until(() => true)
  replaceFile(ca, first.cert)
  expect(await profile.reload()).toBe('unchanged')
  expect(profile.status().state).toBe('current')
})

test('an expired certificate is not used', async () => {
  const errors = listening(listenToErrors())
  const files = identityFiles()
  const profile = make(mutual({ ca: first.cert, ...files }))
  const old = await first.issue({ validTo: new Date(Date.now() - 1000) })
  replaceFile(files.cert, old.cert)
  replaceFile(files.key, old.key)
  expect((await errors.until(() => true)).error?.code).toBe('CERTIFICATE_EXPIRED')
  expect(clientOf(profile)).toBe('CN=ours')
})

test('corrected material is used at once, not only at the next retry', async () => {
  const rotation = listening(listenToRotation())
  const ca = caFile()
  const profile = make(verifyServer({ ca }))
  replaceFile(ca, '')
  // Retries come after 0.3, 0.6, 1.2, 2.4 s, so the next one is seconds away.
  await rotation.until(({ outcome }) => outcome === 'kept' && rotation.seen.length >= 4)
  replaceFile(ca, second.cert)
  expect((await rotation.until(rotated)).trigger).toBe('watch')
  expect(caOf(profile)).toEqual(['CN=Second CA'])
})

test('bad material is tried again', async () => {
  const rotation = listening(listenToRotation())
  const ca = caFile()
  make(verifyServer({ ca }))
  replaceFile(ca, '')
  await rotation.until(({ trigger, outcome }) => trigger === 'retry' && outcome === 'kept')
  await rotation.until(() => rotation.seen.filter(({ trigger }) => trigger === 'retry').length >= 2)
})

describe('reload', () => {
  test('on request, without watching the files', async () => {
    const ca = caFile()
    const profile = make(verifyServer({ ca, watch: false }))
    expect(profile.status().watching).toBe(false)
    expect(await profile.reload()).toBe('unchanged')
    replaceFile(ca, second.cert)
    expect(await profile.reload()).toBe('rotated')
    expect(caOf(profile)).toEqual(['CN=Second CA'])
  })

  test('rejects with the error at the first attempt', async () => {
    const ca = caFile()
    const profile = make(verifyServer({ ca, watch: false }))
    rmSync(ca)
    await expect(profile.reload()).rejects.toMatchObject({ code: 'FILE_MISSING', file: ca })
    expect(profile.status()).toMatchObject({ state: 'stale', failure: { attempts: 1 } })
  })

  test('many at once have the same result', async () => {
    const ca = caFile()
    const profile = make(verifyServer({ ca, watch: false }))
    replaceFile(ca, second.cert)
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => profile.reload()))
    expect(outcomes).toEqual(['rotated', 'unchanged', 'unchanged', 'unchanged', 'unchanged'])
    expect(profile.status().rotations).toBe(1)
  })

  test('many at once have the same result, also if a key has to be derived', async () => {
    const pfx = join(folder(), 'user.p12')
    const fixture = (name: string) => join(__dirname, 'fixtures', name)
    copyFileSync(fixture('rsa.p12'), pfx)
    const profile = make(verifyClient({ pfx, passphrase: 'changeit', watch: false }))
    copyFileSync(fixture('slow.p12'), pfx)
    const outcomes = await Promise.all([profile.reload(), profile.reload(), profile.reload()])
    expect(outcomes).toEqual(['rotated', 'unchanged', 'unchanged'])
    expect(profile.status().rotations).toBe(1)
  })

  test('works after close, which leaves the profile usable', async () => {
    const ca = caFile()
    const profile = make(verifyServer({ ca }))
    profile.close()
    expect(profile.status().watching).toBe(false)
    replaceFile(ca, second.cert)
    expect(await profile.reload()).toBe('rotated')
    profile.close()
  })

  test('does nothing if no material is in a file', async () => {
    expect(await make(verifyServer({ ca: first.cert })).reload()).toBe('unchanged')
  })
})

describe('expiry', () => {
  const hourMs = 3_600_000

  test('a certificate that expires soon is reported once, and in the status', async () => {
    const expiry = listening(listenToExpiry())
    const soon = await first.issue({ commonName: 'soon', validTo: new Date(Date.now() + hourMs) })
    const profile = make(
      mutual({ ca: first.cert, cert: soon.cert, key: soon.key, expiresSoonMs: 2 * hourMs }),
    )
    expect(expiry.seen).toMatchObject([
      { profile: 'mutual', role: 'client', certificate: { subject: 'CN=soon' }, expired: false },
    ])
    expect(profile.status()).toMatchObject({ expiresSoon: true, expired: false })
    expect(profile.status().expiresAt).toEqual(soon.x509.notAfter)
    expect(profile.status().certificates.map(({ role, expiresSoon }) => [role, expiresSoon])).toEqual([
      ['client', true],
      ['ca', false],
    ])
  })

  test('a certificate that has expired is reported again', async () => {
    const expiry = listening(listenToExpiry())
    const end = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000)
    const brief = await first.issue({ commonName: 'brief', validTo: end })
    const profile = make(
      mutual({ ca: first.cert, cert: brief.cert, key: brief.key, watch: { pollIntervalMs: 20 } }),
    )
    await expiry.until(({ expired }) => expired)
    expect(expiry.seen.map(({ expired }) => expired)).toEqual([false, true])
    expect(profile.status().expired).toBe(true)
  })

  test('by default a week, or a third of a short life', async () => {
    const expiry = listening(listenToExpiry())
    const day = 24 * hourMs
    const at = (from: number, to: number) => ({
      commonName: `${from} to ${to}`,
      validFrom: new Date(Date.now() + from * day),
      validTo: new Date(Date.now() + to * day),
    })
    for (const options of [at(-90, 8), at(-90, 6), at(-1, 1), at(-3, 1)]) {
      const { cert, key } = await first.issue(options)
      make(mutual({ ca: first.cert, cert, key }))
    }
    expect(expiry.seen.map(({ certificate }) => certificate.subject)).toEqual(['CN=-90 to 6', 'CN=-3 to 1'])
  })
})

describe('nothing keeps the process alive', () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

  test('not a profile that watches its files', () => {
    const before = process.getActiveResourcesInfo().sort()
    make(verifyServer({ ca: caFile() }))
    expect(process.getActiveResourcesInfo().sort()).toEqual(before)
  })

  test('not a retry that is planned', async () => {
    const path = caFile()
    const profile = make(verifyServer({ ca: path, watch: { pollIntervalMs: 86_400_000 } }))
    const before = timers()
    writeFileSync(path, 'not PEM')
    await expect(profile.reload()).rejects.toMatchObject({ code: 'CERTIFICATE_MISSING' })
    expect(timers()).toBe(before)
  })
})
