/** Failures between a client and a server. Each is real, with the stock driver. */
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { createSecureContext } from 'node:tls'
import {
  explainTlsError,
  fromSecureContext,
  mutual,
  spkiPin,
  type TlsDiagnosis,
  TlsError,
  type TlsErrorCode,
  type TlsProfile,
  verifyServer,
} from '../src/index.js'
import {
  type Authority,
  createAuthority,
  type Issued,
  type IssueOptions,
  selfSigned,
} from './support/certificates.js'
import { connectClient } from './support/driver.js'
import { closeAll, plainServer, tlsServer } from './support/servers.js'

let ca: Authority
let otherCa: Authority
let node: Issued
let me: Issued
const made: TlsProfile[] = []

beforeAll(async () => {
  ;[ca, otherCa] = await Promise.all([createAuthority(), createAuthority('Other CA')])
  node = await ca.issue()
  me = await ca.issue({ commonName: 'me', names: [] })
})
afterEach(async () => {
  for (const profile of made.splice(0)) profile.close()
  await closeAll()
})

const verified = (options: object = {}) => make(verifyServer({ ca: ca.cert, ...options }))
const withCertificate = (options: object = {}) =>
  make(mutual({ ca: ca.cert, cert: me.cert, key: me.key, ...options }))
function make<T extends TlsProfile>(profile: T): T {
  made.push(profile)
  return profile
}

/** Connects, fails, and explains. */
async function diagnosis(
  port: number,
  profile: TlsProfile | undefined,
  // The time-out of the driver matters only for a server that sends nothing.
  connectTimeout = 10_000,
): Promise<TlsDiagnosis | undefined> {
  const socketOptions = { readTimeout: 10_000, connectTimeout }
  const { error } = await connectClient(port, profile, '127.0.0.1', { socketOptions })
  expect(error).toBeDefined()
  return explainTlsError(error, profile ?? null)
}

async function expectCode(
  port: number,
  profile: TlsProfile | undefined,
  code: TlsErrorCode,
): Promise<TlsDiagnosis> {
  const found = await diagnosis(port, profile, code === 'CONNECT_TIMEOUT' ? 1_000 : undefined)
  expect(found?.code).toBe(code)
  expect(found?.endpoints).toEqual([`127.0.0.1:${port}`])
  expect(found?.text).toContain(found?.remedy)
  expect(found?.cause.name).not.toBe('NoHostAvailableError')
  return found as TlsDiagnosis
}

const serverOf = async (options: IssueOptions, from: Authority = ca) => tlsServer(await from.issue(options))
const past = () => ({
  validFrom: new Date(Date.now() - 9_000_000),
  validTo: new Date(Date.now() - 1_000_000),
})

describe('the certificate of the server', () => {
  test('from an unknown CA', async () => {
    await expectCode((await serverOf({}, otherCa)).port, verified(), 'UNKNOWN_CA')
  })

  test('from an unknown CA whose certificate the server sends', async () => {
    const own = await otherCa.issue()
    await expectCode(
      (await tlsServer({ cert: own.cert + otherCa.cert, key: own.key })).port,
      verified(),
      'UNKNOWN_CA',
    )
  })

  test('from a CA of the same name with another key', async () => {
    const impostor = await createAuthority()
    await expectCode((await serverOf({}, impostor)).port, verified(), 'UNKNOWN_CA')
  })

  test('without its intermediate', async () => {
    const intermediate = await ca.intermediate('Intermediate')
    await expectCode((await serverOf({}, intermediate)).port, verified(), 'UNKNOWN_CA')
  })

  test('self-signed', async () => {
    await expectCode((await tlsServer(await selfSigned())).port, verified(), 'SELF_SIGNED')
  })

  test('for other names: says which', async () => {
    const found = await expectCode(
      (await serverOf({ names: ['db.example', '10.0.0.1'] })).port,
      verified(),
      'NAME_MISMATCH',
    )
    expect(found.certificate?.names).toEqual(['db.example', '10.0.0.1'])
    expect(found.summary).toContain('db.example, 10.0.0.1')
  })

  test('for other names, with the options of a stock user', async () => {
    const { port } = await serverOf({ names: ['db.example'] })
    const { error } = await connectClient(port, { ca: ca.cert, rejectUnauthorized: true })
    const found = explainTlsError(error)
    expect(found).toMatchObject({ code: 'NAME_MISMATCH', certificate: { names: ['db.example'] } })
    expect(found?.summary).toContain('db.example')
  })

  test('at an address without a name in the map', async () => {
    const profile = verified({ hostname: { '10.0.0.1': 'a.example' } })
    await expectCode((await tlsServer(node)).port, profile, 'NAME_UNKNOWN')
  })

  test('with a key that is not pinned', async () => {
    const profile = verified({ pins: [spkiPin(otherCa.cert)] })
    const found = await expectCode((await tlsServer(node)).port, profile, 'PIN_MISMATCH')
    expect(found.certificate?.subject).toBe('CN=node')
  })

  test('expired: says how to find out which certificate', async () => {
    const found = await expectCode((await serverOf(past())).port, verified(), 'SERVER_CERTIFICATE_EXPIRED')
    expect(found.summary).toContain('examineTlsError(error, sslOptions)')
  })

  test.each<[string, string, () => IssueOptions, RegExp]>([
    ['has expired', 'CERT_HAS_EXPIRED', past, /^The server's certificate CN=old expired on 2\d{3}-/],
    [
      'is not valid yet',
      'CERT_NOT_YET_VALID',
      () => ({ validFrom: new Date(Date.now() + 3_600_000) }),
      /^The server's certificate CN=old is not valid before 2\d{3}-/,
    ],
    ['is another one than that at fault', 'CERT_HAS_EXPIRED', () => ({}), /examineTlsError/],
  ])('an error with a certificate that %s says so', async (_, code, dates, says) => {
    const { cert } = await ca.issue({ commonName: 'old', ...dates() })
    const shown = new X509Certificate(cert).toLegacyObject()
    const found = explainTlsError(Object.assign(new Error('x'), { code, cert: shown }))
    expect(found?.summary).toMatch(says)
    expect(found?.certificate?.name).toBe('CN=old')
  })

  test('not valid yet', async () => {
    const { port } = await serverOf({ validFrom: new Date(Date.now() + 3_600_000) })
    await expectCode(port, verified(), 'SERVER_CERTIFICATE_NOT_YET_VALID')
  })

  test('revoked', async () => {
    const profile = verified({ crl: await ca.revoke(node) })
    await expectCode((await tlsServer(node)).port, profile, 'SERVER_CERTIFICATE_REVOKED')
  })

  test('of a CA without a revocation list', async () => {
    const intermediate = await ca.intermediate('Intermediate')
    const own = await intermediate.issue()
    const { port } = await tlsServer({ cert: own.cert + intermediate.cert, key: own.key })
    await expectCode(port, verified({ crl: await ca.revoke() }), 'CRL_UNUSABLE')
  })

  test('meant for clients', async () => {
    await expectCode((await serverOf({ usage: 'client' })).port, verified(), 'SERVER_CERTIFICATE_UNFIT')
  })

  test('with a key that is too weak for the security level', async () => {
    const { port } = await serverOf({ rsaBits: 1024 })
    await expectCode(port, verified({ ciphers: 'DEFAULT@SECLEVEL=2' }), 'SERVER_CERTIFICATE_UNFIT')
  })
})

describe('the certificate of the client', () => {
  const requiring = (options: object = {}) =>
    tlsServer({
      cert: node.cert,
      key: node.key,
      ca: ca.cert,
      requestCert: true,
      rejectUnauthorized: true,
      ...options,
    })

  test('required and not sent', async () => {
    await expectCode((await requiring()).port, verified(), 'CLIENT_CERTIFICATE_REQUIRED')
  })

  test('required and not sent, with TLS 1.2: reported as most likely', async () => {
    const server = await requiring({ maxVersion: 'TLSv1.2' })
    const found = await expectCode(server.port, verified(), 'CLIENT_CERTIFICATE_REQUIRED')
    expect(found.summary).toContain('most likely')
  })

  /** Node.js as a server never sends these alerts; other servers do, Cassandra among them. */
  const alerting = (description: number) =>
    plainServer((socket) =>
      socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, description]))),
    )

  test.each([
    ['bad_certificate', 42],
    ['unsupported_certificate', 43],
    ['certificate_revoked', 44],
    ['certificate_expired', 45],
    ['certificate_unknown', 46],
    ['unknown_ca', 48],
    ['access_denied', 49],
    ['internal_error, as Cassandra 5.0 does', 80],
  ])('refused with the alert %s', async (_, description) => {
    await expectCode((await alerting(description)).port, withCertificate(), 'CLIENT_CERTIFICATE_REFUSED')
  })

  test('refused although none was sent means required', async () => {
    await expectCode((await alerting(42)).port, verified(), 'CLIENT_CERTIFICATE_REQUIRED')
  })

  test('refused, if it is not known whether one was sent', async () => {
    const profile = fromSecureContext(createSecureContext({ ca: ca.cert }))
    await expectCode((await alerting(42)).port, profile, 'CLIENT_CERTIFICATE_REFUSED')
  })

  test('refused by a server that only closes', async () => {
    const foreign = await otherCa.issue({ commonName: 'foreign', names: [] })
    const profile = withCertificate({ cert: foreign.cert, key: foreign.key })
    await expectCode((await requiring()).port, profile, 'CONNECTION_CLOSED')
  })
})

describe('nothing in common', () => {
  test.each([
    ['TLSv1.3', { minVersion: 'TLSv1.3' }, { maxVersion: 'TLSv1.2' }],
    ['TLSv1.2', { maxVersion: 'TLSv1.2' }, { minVersion: 'TLSv1.3' }],
  ])('versions: the server has %s only', async (_, server, client) => {
    const { port } = await tlsServer({ cert: node.cert, key: node.key, ...server } as object)
    await expectCode(port, verified(client), 'NO_COMMON_VERSION')
  })

  test('versions: TLS 1.3 is not offered with a client certificate', async () => {
    const { port } = await tlsServer({ cert: node.cert, key: node.key, minVersion: 'TLSv1.3' })
    await expectCode(port, withCertificate(), 'NO_COMMON_VERSION')
  })

  test('ciphers', async () => {
    const ciphers = 'ECDHE-ECDSA-AES256-GCM-SHA384'
    const { port } = await tlsServer({ cert: node.cert, key: node.key, maxVersion: 'TLSv1.2', ciphers })
    await expectCode(port, verified({ ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }), 'NO_COMMON_CIPHER')
  })
})

describe('something else answers', () => {
  test('CQL without TLS', async () => {
    await expectCode((await plainServer()).port, verified(), 'SERVER_SPEAKS_PLAIN_TEXT')
  })

  test('HTTP', async () => {
    const { port } = await plainServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    )
    await expectCode(port, verified(), 'SERVER_SPEAKS_PLAIN_TEXT')
  })

  test('a service that sends first', async () => {
    const { port } = await plainServer((socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'))
    await expectCode(port, verified(), 'SERVER_SPEAKS_PLAIN_TEXT')
  })

  test('TLS, with a client without TLS', async () => {
    await expectCode((await tlsServer(node)).port, undefined, 'SERVER_SPEAKS_TLS')
  })

  test('a service that closes', async () => {
    const { port } = await plainServer((socket) => socket.once('data', () => socket.destroy()))
    await expectCode(port, verified(), 'CONNECTION_CLOSED')
  })

  test('a service that sends nothing', async () => {
    await expectCode((await plainServer(() => undefined)).port, verified(), 'CONNECT_TIMEOUT')
  })

  test('nobody', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await once(server.close(), 'close')
    await expectCode(port, verified(), 'PORT_CLOSED')
  })

  test('a service that ends with another alert', async () => {
    const { port } = await plainServer((socket) =>
      socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 80]))),
    )
    await expectCode(port, verified(), 'HANDSHAKE_FAILED')
  })
})

describe('any error', () => {
  test('several hosts: equal failures are grouped, the others follow', () => {
    const failing = (code: string) => Object.assign(new Error(code), { code })
    const error = Object.assign(new Error('all hosts'), {
      innerErrors: {
        '10.0.0.1:9042': failing('CERT_HAS_EXPIRED'),
        '10.0.0.2:9042': failing('ECONNREFUSED'),
        '10.0.0.3:9042': failing('CERT_HAS_EXPIRED'),
      },
    })
    const found = explainTlsError(error)
    expect(found).toMatchObject({
      code: 'SERVER_CERTIFICATE_EXPIRED',
      endpoints: ['10.0.0.1:9042', '10.0.0.3:9042'],
      others: [{ code: 'PORT_CLOSED', endpoints: ['10.0.0.2:9042'] }],
    })
  })

  test('inside cause, innerError and AggregateError', () => {
    const inner = Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' })
    const wrapped = [
      new Error('a', { cause: inner }),
      Object.assign(new Error('b'), { innerError: inner }),
      new AggregateError([new Error('c'), inner]),
      new Error('d', { cause: new Error('e', { cause: inner }) }),
    ]
    for (const error of wrapped) expect(explainTlsError(error)?.code).toBe('SERVER_CERTIFICATE_EXPIRED')
  })

  test('an error that causes itself', () => {
    const error = new Error('round')
    error.cause = error
    expect(explainTlsError(error)).toBeUndefined()
  })

  test('the error of a profile keeps its text', () => {
    const error = new TlsError('KEY_MISMATCH', 'The key is not this one.', { file: '/k.pem' })
    expect(explainTlsError(error)).toMatchObject({
      code: 'KEY_MISMATCH',
      summary: 'The key is not this one.',
    })
  })

  test.each([[undefined], [null], ['text'], [{}], [new Error('unrelated')]])(
    '%p has nothing to do with TLS',
    (error) => {
      expect(explainTlsError(error)).toBeUndefined()
      expect(explainTlsError(error, {})).toBeUndefined()
    },
  )
})
