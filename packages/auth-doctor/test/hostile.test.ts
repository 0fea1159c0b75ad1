import { X509Certificate } from 'node:crypto'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { createServer } from 'node:tls'
import { createCertificates, startTestServer } from '@x/auth-testserver'
import { createColors } from 'picocolors'
import { reasonNotToAsk } from '../src/probes/peer-address.js'
import { renderTerminal } from '../src/render/terminal.js'
import type { Report } from '../src/report.js'
import {
  authenticate,
  type ByHand,
  byHand,
  challenge,
  error,
  frame,
  inet,
  ints,
  local,
  opcode,
  rows,
  supported,
  text,
  timestamp,
  wellBehaved,
  withPeers,
} from './support/cql-by-hand.js'
import { codesOf, examine, passwordLogin, sentinel } from './support/doctor.js'
import { stranger } from './support/strangers.js'

const login = { login: passwordLogin(), allowCleartext: true }

/** `examine` holds each report to the schema, and searches it for the password and for stacks. */
async function attack(server: ByHand, more: Parameters<typeof examine>[1] = login): Promise<Report> {
  await using listening = await stranger(byHand(server))
  return await examine(listening.port, more)
}

/** What steers a terminal, or shows a text other than it is. */
const steering = '\x1b[2J\x1b]0;title\x07\r\nHIDDEN\u202eback\u2066\u200b\x9b31m'
const harmful = /[\p{Cc}\u200b\u202a-\u202e\u2066-\u2069]/u

function expectHarmless(report: Report): void {
  const shown = renderTerminal(report, createColors(false), 'esm')
  expect(shown.replaceAll('\n', '')).not.toMatch(harmful)
  const strings: string[] = []
  JSON.stringify(report, (_, value) => {
    if (typeof value === 'string') strings.push(value)
    return value
  })
  const outsideCode = strings.filter((each) => !each.includes('\n'))
  expect(outsideCode.filter((each) => harmful.test(each))).toEqual([])
}

describe('answers that are too much', () => {
  test('SUPPORTED of 10 MB', async () => {
    const report = await attack({ options: frame(opcode.SUPPORTED, Buffer.alloc(100), 10_000_000) })
    expect([report.listener, report.verdict.code]).toEqual(['cql', 'FRAME_TOO_LARGE'])
  })

  test('the beginning of SUPPORTED, and nothing more: it is CQL, and slow', async () => {
    const report = await attack({ options: frame(opcode.SUPPORTED, Buffer.alloc(3), 100) })
    expect([report.listener, report.verdict.code]).toEqual(['cql', 'FRAME_CUT'])
  })

  test('SUPPORTED with 60 000 values is cut', async () => {
    const values = Array.from({ length: 60_000 }, () => 'x')
    const report = await attack({
      options: frame(opcode.SUPPORTED, supported({ ...wellBehaved, MANY: values })),
    })
    expect(report.login?.outcome).toBe('success')
    expect(report.protocol?.supported['MANY']).toHaveLength(50)
  })

  test('an authenticator whose name has 50 000 characters is cut', async () => {
    const report = await attack({ startup: authenticate('c'.repeat(50_000)) })
    expect(report.authenticator?.className?.length).toBeLessThan(300)
  })

  test('a table of peers that cannot be read is said to be one', async () => {
    const address = Array.from({ length: 20_000 }, () => [127, 0, 0, 2])
    const report = await attack({ query: withPeers(inet('native_address', ...address)) })
    expect(codesOf(report)).toContain('ANSWER_UNREADABLE')
  })

  test('a challenge after each answer', async () => {
    const report = await attack({ login: () => challenge(sentinel) })
    expect(report.verdict.code).toBe('UNEXPECTED_CHALLENGE')
  })

  test('a server like DSE that says nothing to mechanisms leaves time for the login', async () => {
    const name = 'com.datastax.bdp.cassandra.auth.DseAuthenticator'
    const report = await attack(
      { startup: authenticate(name), login: () => Buffer.alloc(0) },
      { ...login, timeoutMs: 20_000 },
    )
    expect(report.verdict.code).toBe('SERVER_SILENT')
    expect(codesOf(report)).not.toContain('LIMIT_REACHED')
  })
})

test('inside TLS: an answer that is too large is not for want of a certificate', async () => {
  const { server: issued } = await createCertificates()
  const greet = byHand({ options: frame(opcode.SUPPORTED, Buffer.alloc(100), 10_000_000) })
  const sockets = new Set<Socket>()
  const server = createServer({ cert: issued.chainPem, key: issued.keyPem }, greet)
  server.on('tlsClientError', () => {})
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => socket.destroy())))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const report = await examine((server.address() as AddressInfo).port)
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => {
    server.close(resolve)
  })
  expect(report.verdict.code).toBe('FRAME_TOO_LARGE')
  expect(codesOf(report)).not.toContain('CLIENT_CERTIFICATE_REQUIRED')
})

test('a certificate whose key cannot be read is shown as one', async () => {
  const { server: issued } = await createCertificates()
  const server = await startTestServer({
    tls: { cert: issued.chainPem, key: issued.keyPem, maxVersion: 'TLSv1.2' },
  })
  const key = new X509Certificate(issued.certPem).publicKey.export({ type: 'spki', format: 'der' })
  // The point on the curve: its form is 4, and there is no 9.
  const point = key.subarray(-65)
  await using between = await stranger((socket) => {
    const behind = connect(server.port, '127.0.0.1')
    behind.on('error', () => socket.destroy())
    socket.on('close', () => behind.destroy())
    socket.pipe(behind)
    behind.on('data', (chunk: Buffer) => {
      const at = chunk.indexOf(point)
      if (at >= 0) chunk[at] = 9
      socket.write(chunk)
    })
    behind.on('end', () => socket.end())
  })
  const report = await examine(between.port)
  await server.stop()
  expect(report.tls?.chain[0]?.key).toBe('unreadable')
  expect(report.exitCode).toBe(1)
})

describe('texts that steer a terminal come out as none', () => {
  test.each<[string, ByHand]>([
    [
      'SUPPORTED',
      {
        options: frame(
          opcode.SUPPORTED,
          supported({ ...wellBehaved, [steering]: [steering], SCYLLA_SHARD: [steering] }),
        ),
      },
    ],
    ['the authenticator', { startup: authenticate(steering) }],
    ['the data center and the version', { query: local(steering, steering) }],
    ['the address of a peer', { query: withPeers(text('native_address', steering)) }],
    ['an error', { login: () => frame(opcode.ERROR, error(0x0100, steering)) }],
    [
      'the role',
      {
        query: (cql) =>
          /^LIST ROLES/.test(cql) ? rows(text('role', 'app'), text('member_of', steering)) : local()(cql),
      },
    ],
  ])('%s', async (_, server) => {
    expectHarmless(await attack(server))
  })
})

describe('a server that repeats the password', () => {
  const forms = [sentinel, Buffer.from(sentinel).toString('base64'), Buffer.from(sentinel).toString('hex')]
  test.each<[string, (said: string) => ByHand]>([
    [
      'SUPPORTED',
      (said) => ({
        options: frame(opcode.SUPPORTED, supported({ ...wellBehaved, [said]: [said], SCYLLA_SHARD: [said] })),
      }),
    ],
    ['the authenticator', (said) => ({ startup: authenticate(said) })],
    ['the data center and the version', (said) => ({ query: local(said, `version ${said}`) })],
    ['the address of a peer', (said) => ({ query: withPeers(text('native_address', said)) })],
    [
      'the data center of a peer',
      (said) => ({ query: withPeers(inet('native_address', [127, 0, 0, 2]), text('data_center', said)) }),
    ],
    ['an error', (said) => ({ login: () => frame(opcode.ERROR, error(0x0100, said)) })],
    ['a challenge', (said) => ({ login: () => challenge(said) })],
    ['a text that is cut within it', (said) => ({ query: local(`${'x'.repeat(190)}${said}`) })],
  ])('%s', async (_, server) => {
    for (const said of forms) {
      const report = await attack(server(said))
      expect(JSON.stringify(report)).not.toContain(said.slice(0, 8))
    }
  })

  test('what is no CQL, and knows it from an earlier run', async () => {
    await using listening = await stranger((socket) => void socket.write(`hello ${sentinel}\n`))
    const report = await examine(listening.port, login)
    expect(report.findings[0]).toMatchObject({ code: 'LISTENER_UNKNOWN', detail: 'It says: hello ***' })
  })

  test('the code to paste has a data center of its own then', async () => {
    const report = await attack({ query: local(sentinel) })
    expect(report.paste?.esm).toContain("localDataCenter: 'datacenter1'")
  })
})

describe('system.peers', () => {
  test('a port that does not exist is not a mistake of the doctor', async () => {
    const report = await attack({
      query: withPeers(inet('native_address', [127, 0, 0, 2]), ints('native_port', 2_000_000_000)),
    })
    expect(report.nodes).toHaveLength(1)
    expect(codesOf(report)).toContain('NODE_NOT_ASKED')
  })

  test('no address, a null, and the same ones again are asked once or not at all', async () => {
    const again = Array.from({ length: 20 }, () => [127, 0, 0, 9])
    const report = await attack({ query: withPeers(inet('native_address', null, [], ...again)) })
    // An empty address cannot be read; the table is none then.
    expect(report.nodes).toHaveLength(1)
    const clean = await attack({ query: withPeers(inet('native_address', null, ...again)) })
    expect(clean.nodes.map(({ address }) => address)).toEqual(['127.0.0.1', '127.0.0.9'])
    expect(codesOf(clean)).not.toContain('NODES_NOT_ALL_SEEN')
  })

  test('a name instead of an address is not looked up', async () => {
    const report = await attack({ query: withPeers(text('native_address', 'metadata.internal')) })
    expect(report.nodes).toHaveLength(1)
    expect(codesOf(report)).toContain('NODE_NOT_ASKED')
  })

  test('a clock that no Date can hold', async () => {
    const report = await attack({
      query: (cql) => (/toTimestamp/.test(cql) ? rows(timestamp('now', 2n ** 63n - 1n)) : local()(cql)),
    })
    expect(report.clock).toBeUndefined()
  })

  const at = (address: string, port = 9042) => ({ address, port })
  test.each<[string, string, { address: string; port: number }, boolean]>([
    ['a neighbour', '203.0.113.1', at('203.0.113.2'), true],
    ['a private address from a private one', '10.0.0.1', at('192.168.1.1'), true],
    ['a private address from a public one', '203.0.113.1', at('10.0.0.1'), false],
    ['one of RFC 6598 from a public one', '203.0.113.1', at('100.64.0.1'), false],
    ['one of RFC 4193 from a public one', '2001:db8::1', at('fd00::1'), false],
    ['a private address as IPv6', '203.0.113.1', at('::ffff:10.0.0.1'), false],
    ['this machine from another', '10.0.0.1', at('127.0.0.1'), false],
    ['this machine as IPv6 from another', '10.0.0.1', at('::1'), false],
    ['this machine from itself', '127.0.0.1', at('127.0.0.2'), true],
    ['the metadata of a cloud', '10.0.0.1', at('169.254.169.254', 9042), false],
    ['the same as IPv6', '10.0.0.1', at('::ffff:a9fe:a9fe'), false],
    ['link-local', '10.0.0.1', at('fe80::1'), false],
    ['multicast', '10.0.0.1', at('224.0.0.1'), false],
    ['all of the network', '10.0.0.1', at('255.255.255.255'), false],
    ['no address yet', '10.0.0.1', at('0.0.0.0'), false],
    ['SSH', '10.0.0.1', at('10.0.0.2', 22), false],
    ['no port', '10.0.0.1', at('10.0.0.2', 70_000), false],
  ])('%s', (_, from, peer, isAsked) => {
    expect(reasonNotToAsk(peer, from) === undefined).toBe(isAsked)
  })
})
