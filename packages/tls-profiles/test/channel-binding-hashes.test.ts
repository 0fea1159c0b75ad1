import { createHash } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { channelBindingOf, endPointHash } from '../src/lib/connection/channel-binding.js'

const der = (tag: number, ...parts: Buffer[]) => {
  const contents = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag, contents.length]), contents])
}
const sequence = (...parts: Buffer[]) => der(0x30, ...parts)

/** X.690 §8.19. */
function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number)
  const octets = [first * 40 + second, ...others].flatMap((number) => {
    const digits = [number & 0x7f]
    for (let rest = number >> 7; rest > 0; rest >>= 7) digits.unshift((rest & 0x7f) | 0x80)
    return digits
  })
  return der(0x06, Buffer.from(octets))
}

/** As much of a certificate as names the algorithm of its signature. */
const certificate = (name: string, ...parameters: Buffer[]) =>
  sequence(sequence(), sequence(oid(name), ...parameters))

/** RFC 5929 §4.1: MD5 and SHA-1 become SHA-256, and every other hash is used itself. */
test.each([
  ['md5WithRSAEncryption', '1.2.840.113549.1.1.4', 'sha256'],
  ['sha1WithRSAEncryption', '1.2.840.113549.1.1.5', 'sha256'],
  ['sha224WithRSAEncryption', '1.2.840.113549.1.1.14', 'sha224'],
  ['sha256WithRSAEncryption', '1.2.840.113549.1.1.11', 'sha256'],
  ['sha384WithRSAEncryption', '1.2.840.113549.1.1.12', 'sha384'],
  ['sha512WithRSAEncryption', '1.2.840.113549.1.1.13', 'sha512'],
  ['dsa-with-sha1', '1.2.840.10040.4.3', 'sha256'],
  ['dsa-with-sha224', '2.16.840.1.101.3.4.3.1', 'sha224'],
  ['dsa-with-sha256', '2.16.840.1.101.3.4.3.2', 'sha256'],
  ['ecdsa-with-SHA1', '1.2.840.10045.4.1', 'sha256'],
  ['ecdsa-with-SHA224', '1.2.840.10045.4.3.1', 'sha224'],
  ['ecdsa-with-SHA256', '1.2.840.10045.4.3.2', 'sha256'],
  ['ecdsa-with-SHA384', '1.2.840.10045.4.3.3', 'sha384'],
  ['ecdsa-with-SHA512', '1.2.840.10045.4.3.4', 'sha512'],
  ['Ed448', '1.3.101.113', undefined],
])('%s', (_, name, hash) => {
  expect(endPointHash(certificate(name))).toBe(hash)
})

/** RFC 4055 §3.1. */
describe('RSASSA-PSS', () => {
  const pss = '1.2.840.113549.1.1.10'

  test.each([
    ['SHA-1', '1.3.14.3.2.26', 'sha256'],
    ['SHA-224', '2.16.840.1.101.3.4.2.4', 'sha224'],
    ['SHA-256', '2.16.840.1.101.3.4.2.1', 'sha256'],
    ['SHA-384', '2.16.840.1.101.3.4.2.2', 'sha384'],
    ['SHA-512', '2.16.840.1.101.3.4.2.3', 'sha512'],
    ['SHA3-256', '2.16.840.1.101.3.4.2.8', undefined],
  ])('with %s', (_, name, hash) => {
    const parameters = sequence(der(0xa0, sequence(oid(name))))
    expect(endPointHash(certificate(pss, parameters))).toBe(hash)
  })

  test.each([
    ['no parameters', []],
    ['empty parameters', [sequence()]],
    ['only the length of the salt', [sequence(der(0xa2, der(0x02, Buffer.from([20]))))]],
  ])('with %s is SHA-1', (_, parameters) => {
    expect(endPointHash(certificate(pss, ...parameters))).toBe('sha256')
  })
})

describe('the certificate of a connection', () => {
  const own = certificate('1.2.840.10045.4.3.3')
  const other = certificate('1.2.840.10045.4.3.4')
  const socketOf = (reused: boolean, raw: Buffer | undefined, session: Buffer | undefined) =>
    ({
      isSessionReused: () => reused,
      getPeerCertificate: () => ({ raw }),
      getSession: () => session,
    }) as unknown as TLSSocket
  const endPoint = (socket: TLSSocket, verified?: Buffer) =>
    channelBindingOf(socket, 'tls-server-end-point', verified)
  const sessionWith = (...fields: Buffer[]) => sequence(der(0x02, Buffer.from([1])), ...fields)
  const expected = createHash('sha384').update(own).digest()

  test('of a full handshake is the one that the server sent', () => {
    expect(endPoint(socketOf(false, own, sessionWith(der(0xa3, other))), other)).toEqual(expected)
  })

  test('of a resumed session is the one that the profile kept', () => {
    expect(endPoint(socketOf(true, undefined, undefined), own)).toEqual(expected)
  })

  test('of a resumed session without a profile is the one in the session, which is wiped', () => {
    const session = sessionWith(der(0xa3, own))
    expect(endPoint(socketOf(true, undefined, session))).toEqual(expected)
    expect(session.every((byte) => byte === 0)).toBe(true)
  })

  test.each([
    ['the server sent none', socketOf(false, undefined, undefined)],
    ['there is no session', socketOf(true, undefined, undefined)],
    ['the session has none', socketOf(true, undefined, sessionWith())],
    ['its signature has no hash', socketOf(false, certificate('1.3.101.112'), undefined)],
  ])('allows no binding if %s', (_, socket) => {
    expect(endPoint(socket)).toBeNull()
  })
})

/** RFC 9266 §4.2. */
test('tls-exporter is 32 bytes under its label, without a context, and only with TLS 1.3', () => {
  const asked: unknown[][] = []
  const exported = Buffer.alloc(32, 7)
  const socketOf = (protocol: string) =>
    ({
      getProtocol: () => protocol,
      exportKeyingMaterial: (...all: unknown[]) => {
        asked.push(all)
        return exported
      },
    }) as unknown as TLSSocket
  expect(channelBindingOf(socketOf('TLSv1.2'), 'tls-exporter')).toBeNull()
  expect(channelBindingOf(socketOf('TLSv1.3'), 'tls-exporter')).toBe(exported)
  expect(asked).toEqual([[32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)]])
})
