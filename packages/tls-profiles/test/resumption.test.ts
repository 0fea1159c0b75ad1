/** Resuming TLS sessions: only where one name is checked for all, and only what was verified. */
import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import type { Server, TLSSocket } from 'node:tls'
import { inspect } from 'node:util'
import { Client } from 'cassandra-driver'
import { cosmos, keyspaces, mutual, type TlsProfile, verifyServer } from '../src/index.js'
import { type Authority, createAuthority, type Issued } from './support/certificates.js'
import { connectClient } from './support/driver.js'
import { fileWith, removeFolders } from './support/folder.js'
import { closeAll, connectAsDriver, tlsServer } from './support/servers.js'
import { thrown } from './support/thrown.js'

const hostname = 'db.example'
let ca: Authority
let node: Issued
const made: TlsProfile[] = []

beforeAll(async () => {
  ca = await createAuthority()
  node = await ca.issue({ names: [hostname] })
})
afterEach(async () => {
  jest.restoreAllMocks()
  for (const profile of made.splice(0)) profile.close()
  await closeAll()
})
afterAll(removeFolders)

function make<T extends TlsProfile>(profile: T): T {
  made.push(profile)
  return profile
}

async function serve(options: object = {}) {
  const server = await tlsServer({ cert: node.cert, key: node.key, ...options })
  const asked: boolean[] = []
  ;(server.server as Server).on('secureConnection', (socket: TLSSocket) =>
    asked.push(socket.isSessionReused()),
  )
  return { ...server, asked, resumption: { host: '127.0.0.1', port: server.port } }
}

/** Reads the session until there is one. What arrives, arrives by the event loop alone. */
async function ready(profile: TlsProfile): Promise<Buffer> {
  for (;;) {
    const { session } = profile
    if (session) return Buffer.from(session)
    await new Promise(setImmediate)
  }
}

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  '%s: the connections after the first are resumed',
  async (maxVersion) => {
    const { port, resumption } = await serve()
    const profile = make(verifyServer({ ca: ca.cert, hostname, resumption, maxVersion }))
    expect((await connectAsDriver(port, profile)).isSessionReused()).toBe(false)
    await ready(profile)
    for (let i = 0; i < 3; i++) {
      const socket = await connectAsDriver(port, profile)
      expect([socket.isSessionReused(), socket.authorized]).toEqual([true, true])
    }
    expect(profile.explain().resumption).toEqual({ ...resumption, ready: true })
  },
)

test('the driver works over resumed connections, with a client certificate too', async () => {
  const me = await ca.issue({ commonName: 'me', names: [] })
  const { port, resumption, asked, clients } = await serve({ ca: ca.cert, requestCert: true })
  const profile = make(mutual({ ca: ca.cert, cert: me.cert, key: me.key, hostname, resumption }))
  await ready(profile)
  expect(await connectClient(port, profile)).toEqual({})
  expect(asked).toContain(true)
  expect(new Set(clients)).toEqual(new Set(['me']))
})

test('a server that does not know the session gets a full handshake', async () => {
  const [one, other] = await Promise.all([serve(), serve()])
  const profile = make(verifyServer({ ca: ca.cert, hostname, resumption: one.resumption }))
  await ready(profile)
  const socket = await connectAsDriver(other.port, profile)
  expect([socket.isSessionReused(), socket.authorized]).toEqual([false, true])
})

test.each<[string, () => Promise<object>, string]>([
  ['another name', () => ca.issue({ names: ['other.example'] }), 'NAME_MISMATCH'],
  [
    'another CA',
    async () => (await createAuthority('Other CA')).issue({ names: [hostname] }),
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ],
])('a session with a server of %s is never kept', async (_, issue, code) => {
  const { port, resumption, server } = await serve(await issue())
  const profile = make(verifyServer({ ca: ca.cert, hostname, resumption }))
  expect(profile.session).toBeUndefined()
  const [socket] = await once(server, 'connection')
  await once(socket, 'close')
  expect(profile.session).toBeUndefined()
  await expect(connectAsDriver(port, profile)).rejects.toMatchObject({ code })
})

test('new material ends the session', async () => {
  const { port, resumption } = await serve()
  const file = fileWith(ca.cert)
  const profile = make(verifyServer({ ca: file, hostname, resumption, watch: false }))
  await ready(profile)
  writeFileSync(`${file}.new`, (await createAuthority('Other CA')).cert)
  renameSync(`${file}.new`, file)
  await profile.reload()
  expect(profile.session).toBeUndefined()
  // Resumed, it would have been let through without a certificate.
  await expect(connectAsDriver(port, profile)).rejects.toMatchObject({
    code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  })
})

test('after an hour the server is verified again', async () => {
  const { port, resumption } = await serve()
  const profile = make(verifyServer({ ca: ca.cert, hostname, resumption }))
  const first = await ready(profile)
  const now = Date.now()
  const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 3_590_000)
  expect(profile.session).toEqual(first)
  clock.mockReturnValue(now + 3_601_000)
  expect(profile.session).toBeUndefined()
  expect((await connectAsDriver(port, profile)).isSessionReused()).toBe(false)
  expect(await ready(profile)).not.toEqual(first)
})

test('a session is not used past the end of the certificate that it was verified with', async () => {
  const brief = await ca.issue({ names: [hostname], validTo: new Date(Date.now() + 600_000) })
  const { resumption } = await serve(brief)
  const profile = make(verifyServer({ ca: ca.cert, hostname, resumption }))
  await ready(profile)
  jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 601_000)
  expect(profile.session).toBeUndefined()
})

test('while no session is to be had, it is asked for once a minute', async () => {
  const { server, resumption } = await serve(await ca.issue({ names: ['other.example'] }))
  let asked = 0
  server.on('connection', () => asked++)
  const profile = make(verifyServer({ ca: ca.cert, hostname, resumption }))
  expect(profile.session).toBeUndefined()
  const [socket] = await once(server, 'connection')
  for (let i = 0; i < 5; i++) expect(profile.session).toBeUndefined()
  await once(socket, 'close')
  expect(profile.session).toBeUndefined()
  expect(asked).toBe(1)
  jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 61_000)
  expect(profile.session).toBeUndefined()
  await once(server, 'connection')
  expect(asked).toBe(2)
})

test('a session shows nothing of itself, and a copy that is kept holds none', async () => {
  const { port, resumption } = await serve()
  const profile = make(verifyServer({ ca: ca.cert, hostname, resumption }))
  const session = await ready(profile)
  const key = session.subarray(40, 100)
  const forms = [key.toString('hex'), key.toString('base64').slice(4, -4), key.join(), key.toString('latin1')]
  const copy = { ...profile }
  const client = new Client({ contactPoints: ['127.0.0.1'], localDataCenter: 'a', sslOptions: copy })
  const deep = { depth: 9, showHidden: true, getters: true, maxArrayLength: null }
  const texts = [copy, profile, client, copy.session].flatMap((value) => [
    inspect(value, deep).replace(/\s/g, ''),
    inspect(value),
    value === client ? '' : JSON.stringify(value),
    String(value),
  ])
  for (const form of forms) for (const text of texts) expect(text).not.toContain(form)
  await Promise.resolve()
  expect(copy.session?.subarray(17).every((byte) => byte === 0)).toBe(true)
  // Such a copy connects all the same, and leaves no error of OpenSSL behind for others.
  for (let i = 0; i < 20; i++) {
    const sockets = await Promise.all(
      [copy, verifyServer({ ca: ca.cert, hostname })].map((each) => connectAsDriver(port, each)),
    )
    expect(sockets.map((socket) => [socket.authorized, socket.isSessionReused()])).toEqual([
      [true, false],
      [true, false],
    ])
  }
  expect((await connectAsDriver(port, profile)).isSessionReused()).toBe(true)
})

test('close ends it', async () => {
  const { resumption } = await serve()
  const profile = make(verifyServer({ ca: ca.cert, hostname, resumption }))
  await ready(profile)
  profile.close()
  expect(profile.session).toBeUndefined()
})

test('without the option there is no session and no property', () => {
  expect('session' in make(verifyServer({ ca: ca.cert, hostname }))).toBe(false)
})

test.each<[string, () => unknown]>([
  ['the address', () => verifyServer({ ca: ca.cert, resumption: { port: 9042 } })],
  ['a map', () => verifyServer({ ca: ca.cert, hostname: { '10.0.0.1': 'a' }, resumption: { port: 9042 } })],
  ['a function', () => verifyServer({ ca: ca.cert, hostname: () => 'a', resumption: { port: 9042 } })],
  ['no name', () => verifyServer({ ca: ca.cert, hostname: false, resumption: { port: 9042 } })],
  ['a name without a port', () => verifyServer({ ca: ca.cert, hostname, resumption: {} as never })],
])('%s is not enough', (_, create) => {
  expect(thrown(create).code).toBe('OPTION_INVALID')
})

test('the managed services know where to ask', () => {
  const profiles = [
    keyspaces({ region: 'eu-west-1', resumption: true }),
    cosmos({ account: 'abc', resumption: true }),
  ]
  for (const profile of profiles) {
    const { resumption, endpoint } = make(profile).explain()
    expect(resumption).toEqual({ ...endpoint, ready: false })
  }
})
