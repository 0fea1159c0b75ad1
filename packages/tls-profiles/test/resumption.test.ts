/** Resuming TLS sessions: only with the server that they were made with, after it was verified. */
import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { connect as connectPlain, type Socket } from 'node:net'
import type { Server, TLSSocket, TlsOptions } from 'node:tls'
import { inspect } from 'node:util'
import { Client } from 'cassandra-driver'
import { cosmos, keyspaces, mutual, spkiPin, type TlsProfile, verifyServer } from '../src/index.js'
import type { ConnectionRecord } from '../src/lib/connection/connection-record.js'
import { readBer, sequence } from '../src/lib/material/ber.js'
import { offeredSession } from '../src/lib/sessions/offered-session.js'
import { certificateOf, withoutCertificate } from '../src/lib/sessions/session-bytes.js'
import { type Authority, createAuthority, type Issued } from './support/certificates.js'
import { fileWith, removeFolders } from './support/folder.js'
import { closeAll, connectAsDriver, plainServer, tlsServer } from './support/servers.js'
import { thrown } from './support/thrown.js'

const hostname = 'db.example'
const versions = ['TLSv1.2', 'TLSv1.3'] as const
const optionsRequest = Buffer.from([0x04, 0, 0, 0, 0x05, 0, 0, 0, 0])
let ca: Authority
let node: Issued
const made: TlsProfile[] = []

beforeAll(async () => {
  ca = await createAuthority()
  node = await ca.issue({ names: ['127.0.0.1', '127.0.0.2', '127.0.0.3', hostname] })
})
afterEach(async () => {
  jest.restoreAllMocks()
  for (const profile of made.splice(0)) profile.close()
  await closeAll()
})
afterAll(removeFolders)

/** With a stand-in for a Client: it logs where it connects to, as the driver does. */
function follow(profile: TlsProfile) {
  made.push(profile)
  const client = new EventEmitter()
  profile.resumeFor(client)
  const announce = (port: number, host = '127.0.0.1') =>
    client.emit('log', 'info', 'Connection', `Connecting to ${host}:${port}`, '')
  return {
    profile,
    client,
    announce,
    dial,
    resumed: async (port: number, host?: string) => (await dial(port, host)).isSessionReused(),
  }

  /** One connection, announced, and one request over it. */
  async function dial(port: number, host = '127.0.0.1', options: object = profile): Promise<TLSSocket> {
    announce(port, host)
    return exchange(await connectAsDriver(port, options, host))
  }
}

async function exchange(socket: TLSSocket): Promise<TLSSocket> {
  socket.write(optionsRequest)
  const [answer] = await Promise.race([once(socket, 'data'), once(socket, 'close')])
  if (answer === true || answer === false) throw socket.errored ?? new Error('closed')
  return socket
}

const serve = (options: TlsOptions = {}, host?: string) =>
  tlsServer({ cert: node.cert, key: node.key, ...options }, host)

const endpointProfile = (options: object = {}) => verifyServer({ ca: ca.cert, resumption: true, ...options })

describe('the session of an endpoint', () => {
  test.each(versions)('%s: connections after the first are resumed, at each host', async (maxVersion) => {
    const hosts = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
    const servers = await Promise.all(hosts.map((host) => serve({}, host)))
    const { profile, resumed, dial } = follow(endpointProfile({ maxVersion }))
    for (const [index, { port }] of servers.entries()) {
      expect(await resumed(port, hosts[index])).toBe(false)
    }
    for (let round = 0; round < 3; round++) {
      for (const [index, { port }] of servers.entries()) {
        const socket = await dial(port, hosts[index])
        expect([socket.isSessionReused(), socket.authorized]).toEqual([true, true])
      }
    }
    expect(profile.status().sessions).toMatchObject({ held: 3, resumed: 9, full: 3 })
  })

  test('a map and a function of names: each host by its own name', async () => {
    const hosts = ['127.0.0.1', '127.0.0.2']
    const issued = await Promise.all(hosts.map((_, index) => ca.issue({ names: [`node${index}.example`] })))
    const servers = await Promise.all(hosts.map((host, index) => serve(issued[index], host)))
    const names = Object.fromEntries(hosts.map((host, index) => [host, `node${index}.example`]))
    for (const each of [names, (address: string) => names[address] ?? '']) {
      const { dial } = follow(endpointProfile({ hostname: each }))
      for (const expected of [false, true, true]) {
        for (const [index, { port }] of servers.entries())
          expect((await dial(port, hosts[index])).isSessionReused()).toBe(expected)
      }
    }
  })

  test('an IPv6 address is the same in every spelling', async () => {
    const issued = await ca.issue({ names: ['::1'] })
    const { port } = await serve(issued, '::1')
    const { dial, announce, profile } = follow(endpointProfile())
    await dial(port, '::1')
    announce(port, '0:0:0:0:0:0:0:1')
    expect((await connectAsDriver(port, profile, '::1')).isSessionReused()).toBe(true)
  })

  test('is not offered if the server of the connection is not known', async () => {
    const { port } = await serve()
    const { dial, profile, client } = follow(endpointProfile())
    await dial(port)
    for (const [level, className, message] of [
      ['verbose', 'Connection', `Connecting to 127.0.0.1:${port}`],
      ['info', 'ControlConnection', `Connecting to 127.0.0.1:${port}`],
      ['info', 'Connection', `Connecting to 127.0.0.1:${port} (node1)`],
      ['info', 'Connection', `Connecting to localhost:${port}`],
      ['info', 'Connection', `Reconnecting to 127.0.0.1:${port}`],
    ])
      expect(client.emit('log', level, className, message, '') && profile.session).toBeUndefined()
  })

  test('is offered once for each log event, in the same turn', async () => {
    const { port } = await serve()
    const { dial, profile, announce } = follow(endpointProfile())
    await dial(port)
    announce(port)
    expect(profile.session).toBeInstanceOf(Uint8Array)
    expect(profile.session).toBeUndefined()
    announce(port)
    await Promise.resolve()
    expect(profile.session).toBeUndefined()
  })

  test('two profiles keep their sessions apart, and so do two ports of one host', async () => {
    const ticketKeys = randomBytes(48)
    const [one, two] = await Promise.all([serve({ ticketKeys }), serve({ ticketKeys })])
    const [first, second] = [follow(endpointProfile()), follow(endpointProfile())]
    await first.dial(one.port)
    expect(await second.resumed(one.port)).toBe(false)
    expect(await first.resumed(two.port)).toBe(false)
    expect(await first.resumed(one.port)).toBe(true)
  })

  test('two clients of one profile connect at once', async () => {
    const ticketKeys = randomBytes(48)
    const servers = await Promise.all([serve({ ticketKeys }), serve({ ticketKeys })])
    const { dial, profile } = follow(endpointProfile())
    const other = new EventEmitter()
    profile.resumeFor(other)
    await Promise.all(servers.map(({ port }) => dial(port)))
    const dials = Array.from({ length: 20 }, (_, index) => {
      const { port } = servers[index % 2] as (typeof servers)[0]
      if (index % 3) return dial(port)
      other.emit('log', 'info', 'Connection', `Connecting to 127.0.0.1:${port}`)
      return connectAsDriver(port, profile).then(exchange)
    })
    for (const socket of await Promise.all(dials)) expect(socket.isSessionReused()).toBe(true)
    expect(profile.status().sessions).toMatchObject({ resumed: 20, full: 2, dropped: { misplaced: 0 } })
  })
})

describe('another server', () => {
  test.each(versions)('%s: a wrong guess is a full handshake, which is verified', async (maxVersion) => {
    const [one, two] = await Promise.all([serve(), serve()])
    const { dial, announce, profile } = follow(endpointProfile({ maxVersion }))
    await dial(one.port)
    announce(one.port)
    const socket = await connectAsDriver(two.port, profile).then(exchange)
    expect([socket.isSessionReused(), socket.authorized]).toEqual([false, true])
    expect(profile.status().sessions?.dropped.declined).toBe(1)
  })

  test.each(versions)('%s: with the same ticket key, it is refused before it is read', async (maxVersion) => {
    const ticketKeys = randomBytes(48)
    const wrong = await ca.issue({ names: ['other.example'] })
    const [one, two] = await Promise.all([serve({ ticketKeys }), serve({ ticketKeys, ...wrong })])
    const { dial, announce, profile } = follow(endpointProfile({ maxVersion }))
    await dial(one.port)
    announce(one.port)
    const socket = await connectAsDriver(two.port, profile)
    expect(socket.isSessionReused()).toBe(true) // Node.js has let it through
    const read: Buffer[] = []
    socket.on('data', (chunk) => read.push(chunk))
    await expect(exchange(socket)).rejects.toMatchObject({ code: 'SESSION_MISPLACED', fault: 'unverified' })
    expect(read).toEqual([])
    expect(profile.status().sessions).toMatchObject({ held: 0, resumed: 0, dropped: { misplaced: 1 } })
    await expect(dial(two.port)).rejects.toMatchObject({ code: 'NAME_MISMATCH' })
  })

  test('a connection that resumes what nobody offered is refused', async () => {
    const { port } = await serve()
    const { dial, announce, profile } = follow(endpointProfile())
    await dial(port)
    announce(port)
    const session = Buffer.from(profile.session as Buffer)
    await Promise.resolve()
    const socket = await connectAsDriver(port, { ...profile, session })
    await expect(exchange(socket)).rejects.toMatchObject({ code: 'SESSION_MISPLACED' })
  })

  test.each<[string, () => Promise<Issued>, string]>([
    ['another name', () => ca.issue({ names: ['other.example'] }), 'NAME_MISMATCH'],
    [
      'another CA',
      async () => (await createAuthority('Other CA')).issue(),
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
  ])('of %s: no session of it is kept', async (_, issue, code) => {
    const { port } = await serve(await issue())
    const { dial, profile } = follow(endpointProfile())
    await expect(dial(port)).rejects.toMatchObject({ code })
    // Also not if the verification was turned off.
    await dial(port, undefined, { ...profile, rejectUnauthorized: false })
    expect(profile.status().sessions?.held).toBe(0)
  })
})

describe('what ends a session', () => {
  test.each(['cert', 'ca', 'crl'] as const)('new material: %s', async (changed) => {
    const [first, second] = [await ca.issue({ names: [] }), await ca.issue({ names: [] })]
    const files = {
      ca: fileWith(ca.cert),
      crl: fileWith(await ca.revoke()),
      cert: fileWith(first.cert + first.key),
    }
    const { port } = await serve({ ca: ca.cert, requestCert: true })
    const options = { ca: files.ca, crl: files.crl, cert: files.cert, key: files.cert }
    const { profile, resumed } = follow(mutual({ ...options, resumption: true, watch: false }))
    expect([await resumed(port), await resumed(port)]).toEqual([false, true])
    const next = {
      ca: ca.cert + (await createAuthority('Next CA')).cert,
      crl: await ca.revoke(first),
      cert: second.cert + second.key,
    }
    writeFileSync(`${files[changed]}.new`, next[changed])
    renameSync(`${files[changed]}.new`, files[changed])
    await profile.reload()
    expect(profile.status().sessions).toMatchObject({ held: 0, dropped: { material: 1 } })
    expect(await resumed(port)).toBe(false)
    expect(await resumed(port)).toBe(true)
  })

  test('a rotation during a login: its session is not kept', async () => {
    const { port } = await serve()
    const file = fileWith(ca.cert)
    const { profile, announce } = follow(endpointProfile({ ca: file, watch: false }))
    announce(port)
    const socket = await connectAsDriver(port, profile)
    writeFileSync(file, ca.cert + (await createAuthority('Next CA')).cert)
    await profile.reload()
    await exchange(socket)
    expect(profile.status().sessions?.held).toBe(0)
  })

  test('another name is expected: the server is verified again, and refused', async () => {
    const { port } = await serve()
    let name = hostname
    const { profile, dial } = follow(endpointProfile({ hostname: () => name }))
    await dial(port)
    name = 'other.example'
    await expect(dial(port)).rejects.toMatchObject({ code: 'NAME_MISMATCH' })
    expect(profile.status().sessions?.dropped.identity).toBe(1)
  })

  test('a name that changed during the handshake: its session is not kept', async () => {
    const { port } = await serve()
    let name = hostname
    const { profile, announce } = follow(endpointProfile({ hostname: () => name }))
    announce(port)
    const socket = await connectAsDriver(port, profile)
    name = 'other.example'
    await exchange(socket)
    expect(profile.status().sessions?.held).toBe(0)
  })

  test('its age, counted from the full handshake, also after renewals', async () => {
    const { port } = await serve()
    const { profile, dial } = follow(endpointProfile({ resumption: { maxAgeMs: 600_000 } }))
    const now = Date.now()
    await dial(port)
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 500_000)
    expect((await dial(port)).isSessionReused()).toBe(true)
    clock.mockReturnValue(now + 601_000)
    expect((await dial(port)).isSessionReused()).toBe(false)
    expect(profile.status().sessions?.dropped.expired).toBe(1)
  })

  test.each(['server', 'client'] as const)('the end of the certificate of the %s', async (whose) => {
    const brief = { validTo: new Date(Date.now() + 600_000) }
    const [server, client] = await Promise.all([
      ca.issue(whose === 'server' ? brief : {}),
      ca.issue(whose === 'client' ? brief : {}),
    ])
    const { port } = await serve({ ...server, ca: ca.cert, requestCert: true })
    const options = { ca: ca.cert, cert: client.cert, key: client.key, resumption: true }
    const { profile, dial, announce } = follow(mutual(options))
    await dial(port)
    announce(port)
    expect(profile.session).toBeDefined()
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 601_000)
    announce(port)
    expect(profile.session).toBeUndefined()
  })

  test('a server that has lost its ticket key: a full handshake, and its new session', async () => {
    const { port, server } = await serve()
    const { profile, resumed } = follow(endpointProfile())
    expect([await resumed(port), await resumed(port)]).toEqual([false, true])
    ;(server as Server).setTicketKeys(randomBytes(48))
    expect([await resumed(port), await resumed(port)]).toEqual([false, true])
    expect(profile.status().sessions).toMatchObject({
      held: 1,
      resumed: 2,
      full: 2,
      dropped: { declined: 1 },
    })
  })

  test.each(versions)('%s: a server without tickets: full handshakes', async (maxVersion) => {
    const { SSL_OP_NO_TICKET } = (await import('node:crypto')).constants
    const { port } = await serve({ secureOptions: SSL_OP_NO_TICKET })
    const { resumed } = follow(endpointProfile({ maxVersion }))
    for (let i = 0; i < 3; i++) expect(await resumed(port)).toBe(false)
  })

  test('a server that breaks off a handshake because of it: the next handshake is a full one', async () => {
    const target = await serve()
    const { port } = await plainServer((client) => {
      const server = connectPlain(target.port, '127.0.0.1')
      client.once('data', (hello) => {
        const offersSession = extensionsOf(hello).includes(41) // pre_shared_key
        if (offersSession) client.destroy()
        else server.write(hello)
        client.pipe(server).pipe(client)
      })
      server.on('error', () => undefined)
    })
    const { profile, dial } = follow(endpointProfile())
    await dial(port)
    await expect(dial(port)).rejects.toThrow()
    await expect(dial(port)).rejects.toThrow() // for a slow server it would be too early
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 1_000)
    expect((await dial(port)).isSessionReused()).toBe(false)
    expect(profile.status().sessions).toMatchObject({ held: 1, dropped: { unanswered: 1 } })
  })

  test('no answer is missing between connections that are far apart', async () => {
    const { port } = await serve()
    const { resumed } = follow(endpointProfile())
    const now = Date.now()
    expect(await resumed(port)).toBe(false)
    const clock = jest.spyOn(Date, 'now')
    for (const later of [60_000, 120_000, 180_000]) {
      clock.mockReturnValue(now + later)
      expect(await resumed(port)).toBe(true)
    }
  })

  test.each<[string, (socket: Socket) => void, string, number]>([
    ['a refusal', (socket) => socket.write(errorFrame(0x0100)), 'data', 1],
    ['an end before the answer', (socket) => socket.end(errorFrame(0x0100).subarray(0, 5)), 'close', 1],
    ['an older version of the protocol', (socket) => socket.write(errorFrame(0x000a)), 'data', 0],
  ])('a login on a resumed connection that comes to %s', async (_, answer, event, dropped) => {
    const { port, server } = await serve()
    const { profile, dial, announce } = follow(endpointProfile())
    await dial(port)
    server.removeAllListeners('secureConnection')
    server.on('secureConnection', answer)
    announce(port)
    const socket = await connectAsDriver(port, profile)
    expect(socket.isSessionReused()).toBe(true)
    if (event === 'close') socket.resume()
    await new Promise((resolve) => socket.once(event, resolve))
    expect(profile.status().sessions).toMatchObject({ held: 1 - dropped, dropped: { login: dropped } })
  })

  test('a failed login, also for connections that were resumed before and get data or tickets after it', async () => {
    const { port, server } = await serve()
    const { profile, dial, announce, resumed } = follow(endpointProfile())
    await dial(port)
    const [answerCql] = server.listeners('secureConnection') as ((socket: Socket) => void)[]
    server.removeAllListeners('secureConnection')
    const peers: Socket[] = []
    server.on('secureConnection', (socket: Socket) => peers.push(socket))
    const sockets: TLSSocket[] = []
    for (let i = 0; i < 3; i++) {
      announce(port)
      const accepted = once(server, 'secureConnection')
      sockets.push(await connectAsDriver(port, profile))
      await accepted
    }
    const [refused, late, later] = sockets as [TLSSocket, TLSSocket, TLSSocket]
    peers[0]?.write(errorFrame(0x0100))
    await once(refused, 'data')
    expect(profile.status().sessions).toMatchObject({ held: 0, dropped: { login: 1 } })
    peers[1]?.write(errorFrame(0x000a))
    await once(late, 'data')
    expect(profile.status().sessions?.held).toBe(0)
    server.removeAllListeners('secureConnection')
    server.on('secureConnection', answerCql as () => void)
    expect(await resumed(port)).toBe(false)
    // They do not replace the session that was verified again either.
    peers[2]?.write(errorFrame(0x000a))
    await once(later, 'data')
    announce(port)
    expect(profile.session).toBeDefined()
    expect(await resumed(port)).toBe(true)
    expect(profile.status().sessions).toMatchObject({ held: 1, full: 2, dropped: { login: 1 } })
  })

  test('more servers than are kept: the one longest unused', async () => {
    const { port } = await serve()
    const { profile, dial } = follow(endpointProfile())
    await dial(port)
    const { SessionStore } = await import('../src/lib/sessions/session-store.js')
    const secureContext = profile.secureContext
    const store = new SessionStore(
      { scope: 'endpoint', maxAgeMs: 1_000_000 },
      {
        context: () => secureContext,
        check: () => undefined,
        nameNow: undefined,
        servername: undefined,
        ends: () => undefined,
      },
    )
    const peer = await dial(port, undefined, { ...profile, session: undefined })
    for (let remotePort = 1; remotePort <= 1_100; remotePort++) {
      void store.session
      const socket = Object.create(peer, {
        remoteAddress: { value: '10.0.0.1' },
        remotePort: { value: remotePort },
        on: { value: () => undefined },
      })
      store.handshake(socket, store.takeBirth())
    }
    expect(store.status()).toMatchObject({ held: 1_024, full: 1_100, dropped: { crowded: 76 } })
  })

  test('close', async () => {
    const { port } = await serve()
    const { profile, dial, announce } = follow(endpointProfile())
    await dial(port)
    profile.close()
    announce(port)
    expect(profile.session).toBeUndefined()
    await dial(port)
    expect(profile.status().sessions?.held).toBe(0)
  })
})

describe('on a resumed connection', () => {
  test.each(versions)('%s: the bindings are those of the server that was verified', async (maxVersion) => {
    const issuer = await ca.intermediate('Intermediate')
    const { cert, key } = await issuer.issue()
    const { port, server } = await serve({ cert: cert + issuer.cert, key })
    const accepted: TLSSocket[] = []
    server.on('secureConnection', (socket: TLSSocket) => accepted.push(socket))
    const { announce, profile } = follow(endpointProfile({ maxVersion }))
    const endPoint = createHash('sha256').update(new X509Certificate(cert).raw).digest()
    for (const resumed of [false, true, true]) {
      announce(port)
      const socket = await connectAsDriver(port, profile)
      const record = recordAtFirstChunk(socket)
      await exchange(socket)
      expect(socket.isSessionReused()).toBe(resumed)
      // Why the certificate is kept with the session.
      if (resumed) expect(socket.getPeerCertificate()).toEqual({})
      const exported = accepted.at(-1)?.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
      for (let times = 0; times < 2; times++) {
        expect((await record).channelBinding('tls-server-end-point')).toEqual(endPoint)
        expect((await record).channelBinding('tls-exporter')).toEqual(
          maxVersion === 'TLSv1.3' ? exported : null,
        )
      }
    }
  })

  test('pins hold: the pinned key was in the full handshake', async () => {
    const { port } = await serve()
    const { resumed } = follow(endpointProfile({ pins: [spkiPin(ca.cert)] }))
    expect([await resumed(port), await resumed(port)]).toEqual([false, true])
  })

  test('no early data is sent: TLS 1.3 offers the ticket and nothing that could be replayed', async () => {
    const target = await serve()
    const hellos: Buffer[] = []
    const { port } = await plainServer((client) => {
      const server = connectPlain(target.port, '127.0.0.1')
      client.once('data', (hello) => hellos.push(hello))
      client.pipe(server).pipe(client)
      server.on('error', () => undefined)
    })
    const { dial } = follow(endpointProfile())
    await dial(port)
    expect((await dial(port)).isSessionReused()).toBe(true)
    const [first = [], second = []] = hellos.map(extensionsOf)
    expect([first.includes(41), second.includes(41)]).toEqual([false, true]) // pre_shared_key
    expect(second).not.toContain(42) // early_data
  })
})

describe('scope name', () => {
  const resumption = { scope: 'name' } as const

  test.each(versions)('%s: one session for all servers, without knowing the address', async (maxVersion) => {
    const ticketKeys = randomBytes(48)
    const [one, two] = await Promise.all([serve({ ticketKeys }), serve({ ticketKeys })])
    const profile = verifyServer({ ca: ca.cert, hostname, resumption, maxVersion })
    made.push(profile)
    const reused: boolean[] = []
    for (const { port } of [one, two, one])
      reused.push((await connectAsDriver(port, profile).then(exchange)).isSessionReused())
    expect(reused).toEqual([false, true, true])
    expect(profile.explain().resumption).toMatchObject({ scope: 'name', held: 1, resumed: 2, full: 1 })
    expect(profile.explain().conditions).toEqual([])
  })

  test.each<[string, object]>([
    ['the address', {}],
    ['an address', { hostname: '127.0.0.1' }],
    ['a map', { hostname: { '10.0.0.1': 'a' } }],
    ['a function', { hostname: () => 'a' }],
    ['no name', { hostname: false }],
  ])('%s is not one name', (_, options) => {
    expect(thrown(() => endpointProfile({ ...options, resumption })).code).toBe('OPTION_INVALID')
  })
})

test('a session is not shown, and a kept copy contains none', async () => {
  const { port } = await serve()
  const { profile, announce, dial, client } = follow(endpointProfile())
  await dial(port)
  announce(port)
  const session = Buffer.from(profile.session as Buffer)
  const key = session.subarray(40, 100)
  const forms = [key.toString('hex'), key.toString('base64').slice(4, -4), key.join(), key.toString('latin1')]
  announce(port)
  const copy = { ...profile }
  const owner = new Client({ contactPoints: ['127.0.0.1'], localDataCenter: 'a', sslOptions: copy })
  const deep = { depth: 9, showHidden: true, getters: true, maxArrayLength: null }
  const values = [copy, profile, owner, client, copy.session, profile.explain(), profile.status()]
  const texts = values.flatMap((value) => [
    inspect(value, deep).replace(/\s/g, ''),
    inspect(value),
    value === owner ? '' : JSON.stringify(value),
    String(value),
  ])
  for (const form of forms) for (const text of texts) expect(text).not.toContain(form)
  await Promise.resolve()
  expect(copy.session?.subarray(17).every((byte) => byte === 0)).toBe(true)
  // Such a copy connects anyway, and leaves no error of OpenSSL for other connections.
  for (let i = 0; i < 20; i++) {
    const sockets = await Promise.all(
      [copy, verifyServer({ ca: ca.cert })].map((each) => connectAsDriver(port, each)),
    )
    for (const socket of sockets) expect([socket.authorized, socket.isSessionReused()]).toEqual([true, false])
  }
  expect((await dial(port)).isSessionReused()).toBe(true)
})

test.each(versions)(
  '%s: the certificate in a session is removed if nobody asks for it',
  async (maxVersion) => {
    const { port } = await serve()
    const { profile, announce, dial } = follow(endpointProfile({ maxVersion }))
    for (let times = 0; times < 3; times++) {
      await dial(port)
      announce(port)
      const found = certificateOf(profile.session as Buffer)
      expect(found).toEqual(maxVersion === 'TLSv1.2' ? new X509Certificate(node.cert).raw : undefined)
    }
  },
)

describe('a session without its certificate', () => {
  const der = (tag: number, ...parts: Buffer[]) => {
    const body = Buffer.concat(parts)
    const length = [body.length >> 16, body.length >> 8, body.length].map((each) => each & 0xff)
    return Buffer.concat([Buffer.from([tag, 0x83, ...length]), body])
  }
  const peer = der(0xa3, der(0x30, Buffer.alloc(400)))
  const named = Buffer.concat([
    Buffer.from('\0nodejs:tls:session:1\0'),
    Buffer.from([0, 2]),
    Buffer.from('db'),
  ])

  test.each([10, 200, 300, 70_000])('of %i bytes, with and without a name before it', (size) => {
    const [first, last] = [der(2, Buffer.from([1])), der(0xaa, Buffer.alloc(size, 7))]
    for (const before of [Buffer.alloc(0), named]) {
      const session = Buffer.concat([before, der(0x30, first, peer, last)])
      const shorter = withoutCertificate(session)
      expect(shorter.subarray(0, before.length)).toEqual(before)
      const rest = shorter.subarray(before.length)
      expect(sequence(readBer(rest)).map(({ whole }) => whole)).toEqual([first, last])
      expect(readBer(rest).whole).toHaveLength(rest.length)
      expect(session.every((byte) => byte === 0)).toBe(true)
    }
  })

  test('is unchanged if there is none, or if it cannot be read', () => {
    for (const bytes of [
      der(0x30, der(2, Buffer.from([1]))),
      Buffer.from('3082', 'hex'),
      named,
      Buffer.alloc(0),
    ]) {
      expect(withoutCertificate(Buffer.from(bytes))).toEqual(bytes)
      expect(certificateOf(bytes)).toBeUndefined()
    }
  })
})

test('Node.js can read the name that it writes into a session (from 22.23, 24.21 and 26.10 on)', () => {
  const offered = offeredSession(Buffer.from('servername and the rest'))
  expect(offered.toString('utf8', 0, 10)).toBe('servername')
  for (const shown of [offered.toString(), offered.toString('hex'), `${offered}`])
    expect(shown).toBe('[TLS session]')
})

test('without the option there is no session and no property', () => {
  for (const resumption of [undefined, false]) {
    const profile = verifyServer({ ca: ca.cert, resumption })
    expect('session' in profile).toBe(false)
    expect(profile.status().sessions).toBeUndefined()
    expect(profile.explain().resumption).toBeUndefined()
    expect(thrown(() => profile.resumeFor(new EventEmitter())).code).toBe('OPTION_INVALID')
  }
})

test.each<[string, unknown]>([
  ['null', null],
  ['a list', []],
  ['an unknown scope', { scope: 'host' }],
  ['more than seven days', { maxAgeMs: 7 * 86_400_000 + 1 }],
  ['no time', { maxAgeMs: 0 }],
  ['the old options', { host: 'a', port: 9042 }],
])('%s is refused', (_, resumption) => {
  expect(thrown(() => endpointProfile({ resumption })).code).toBe('OPTION_INVALID')
})

test('explain says what is missing until a client is known, and how sessions ended', async () => {
  const profile = endpointProfile()
  made.push(profile)
  expect(profile.explain().conditions.map(({ code }) => code)).toEqual(['RESUME_FOR_CLIENT'])
  for (const wrong of [undefined, null, {}, 'client'])
    expect(thrown(() => profile.resumeFor(wrong as never)).code).toBe('OPTION_INVALID')
  const client = new EventEmitter()
  expect([profile.resumeFor(client), profile.resumeFor(client)]).toEqual([client, client])
  expect(client.listenerCount('log')).toBe(1)
  const { conditions, resumption, text } = profile.explain()
  expect(conditions).toEqual([])
  expect(resumption).toMatchObject({ scope: 'endpoint', maxAgeMs: 3_600_000, clients: 1, held: 0 })
  expect(text).toContain('without a new check for 60 minutes at most (so far 0 resumed, 0 full)')
})

test('the managed services resume sessions too', () => {
  for (const make of [
    (resumption: true) => keyspaces({ region: 'eu-west-1', resumption }),
    (resumption: true) => cosmos({ account: 'abc', resumption }),
  ]) {
    const profile = make(true)
    made.push(profile)
    expect(profile.explain().resumption).toMatchObject({ scope: 'endpoint' })
  }
})

function recordAtFirstChunk(socket: TLSSocket): Promise<ConnectionRecord> {
  const shared = globalThis as never as { [key: symbol]: { current: ConnectionRecord } }
  return new Promise((resolve) =>
    socket.once('data', () => resolve(shared[Symbol.for('@x/tls:connection')]?.current as ConnectionRecord)),
  )
}

/** ERROR of version 4 (§4.2.1), without a text. */
function errorFrame(code: number): Buffer {
  const frame = Buffer.from([0x84, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0])
  frame.writeInt32BE(code, 9)
  return frame
}

/** Types of the extensions of a ClientHello (RFC 8446 §4.1.2) in one record. */
function extensionsOf(record: Buffer): number[] {
  let at = 5 + 4 + 2 + 32
  at += 1 + record.readUInt8(at) // session id
  at += 2 + record.readUInt16BE(at) // cipher suites
  at += 1 + record.readUInt8(at) // compression methods
  const end = at + 2 + record.readUInt16BE(at)
  const types: number[] = []
  for (at += 2; at < end; at += 4 + record.readUInt16BE(at + 2)) types.push(record.readUInt16BE(at))
  return types
}
