/** Which pins are accepted, and which chains they fit. */
import { createHash, X509Certificate } from 'node:crypto'
import type { DetailedPeerCertificate } from 'node:tls'
import { spkiPin } from '../src/index.js'
import { chainOf } from '../src/lib/identity/peer-chain.js'
import { pinCheck, pinOf, pinsOf } from '../src/lib/identity/pins.js'
import { type Authority, createAuthority, type Issued } from './support/certificates.js'
import { fileWith, removeFolders } from './support/folder.js'
import { thrown } from './support/thrown.js'

let root: Authority
let intermediate: Authority
let node: Issued
let other: Issued
beforeAll(async () => {
  root = await createAuthority()
  intermediate = await root.intermediate('Intermediate CA')
  node = await intermediate.issue({ names: ['node.example'] })
  other = await intermediate.issue({ names: ['other.example'] })
})

afterAll(removeFolders)

type Certificate = Pick<Issued, 'cert'>

/** A chain as Node.js shows it: the last certificate is its own issuer, or has none. */
function shown([first, ...rest]: readonly Certificate[], ends: 'at a root' | 'open' = 'at a root') {
  const { raw, fingerprint256 } = new X509Certificate((first as Certificate).cert)
  const own = { raw, fingerprint256 } as DetailedPeerCertificate
  if (rest.length > 0) own.issuerCertificate = shown(rest, ends)
  else if (ends === 'at a root') own.issuerCertificate = own
  return own
}

const outcome = (pinned: readonly Certificate[], peer: DetailedPeerCertificate) =>
  pinCheck(pinsOf(pinned.map(({ cert }) => spkiPin(cert))))(peer)

describe('a pin', () => {
  const hex = '0123456789abcdefABCDEF9876543210'.repeat(2)
  const colons = hex.match(/../g)?.join(':') as string
  const base64 = Buffer.from(hex, 'hex').toString('base64')
  // 'sha256/' has only characters of base64.
  const within = `AAAAsha256/${'B'.repeat(31)}A=`

  test.each([
    ['base64', base64, base64],
    ['base64 without =', base64.slice(0, -1), base64],
    ['base64 after sha256/', `sha256/${base64}`, base64],
    ['base64 that contains sha256/', within, within],
    ['base64 for URLs', `${'-_'.repeat(21)}8`, `${'+/'.repeat(21)}8=`],
    ['hexadecimal', hex, base64],
    ['hexadecimal in upper case', hex.toUpperCase(), base64],
    ['hexadecimal with colons', colons, base64],
    ['hexadecimal after sha256/', `sha256/${hex}`, base64],
    ['a line of a file', ` sha256/${base64}\n`, base64],
  ])('in %s', (_, pin, digest) => {
    expect(pinsOf([pin])).toEqual([digest])
  })

  test.each([
    ['nothing', ''],
    ['a prefix alone', 'sha256/'],
    ['another digest', `sha1/${base64}`],
    ['hexadecimal that is cut', hex.slice(2)],
    ['hexadecimal that is too long', `${hex}00`],
    ['hexadecimal with something before it', `0x${hex}`],
    ['hexadecimal with something behind it', `${hex} # node`],
    ['two in hexadecimal', `${hex},${hex}`],
    ['base64 that is cut', base64.slice(0, -2)],
    ['base64 that is too long', `A${base64}`],
    ['base64 with something before it', `"${base64}`],
    ['base64 with something behind it', `${base64} # node`],
    ['two in base64', `sha256/${base64},sha256/${base64}`],
    ['no base64', '*'.repeat(43)],
  ])('is not %s', (_, pin) => {
    expect(thrown(() => pinsOf([base64, pin])).code).toBe('PIN_INVALID')
  })

  test('is not needed', () => {
    expect(pinsOf(undefined)).toEqual([])
    expect(pinCheck([])(shown([node]))).toBeUndefined()
  })

  test('is the digest of the public key, the same for each certificate of the key', async () => {
    const renewed = await intermediate.issue({ keys: node.keys, names: ['renewed.example'] })
    const spki = new X509Certificate(node.cert).publicKey.export({ type: 'spki', format: 'der' })
    const digest = createHash('sha256').update(spki).digest('base64')
    expect(pinOf(new X509Certificate(node.cert))).toBe(digest)
    expect(spkiPin(renewed.cert)).toBe(`sha256/${digest}`)
    expect(spkiPin(node.cert + other.cert)).toBe(`sha256/${digest}`)
    expect(spkiPin(Buffer.from(node.x509.rawData))).toBe(`sha256/${digest}`)
    expect(spkiPin(fileWith(node.cert))).toBe(`sha256/${digest}`)
  })

  test('of what is not a certificate is an error that names the option', () => {
    expect(thrown(() => spkiPin('')).message).toContain('`certificate`')
    expect(thrown(() => spkiPin('-----BEGIN NOTHING-----')).code).toBe('CERTIFICATE_MISSING')
  })
})

describe('a chain', () => {
  test('fits by the key of each of its certificates', () => {
    const peer = shown([node, intermediate, root])
    for (const pinned of [node, intermediate, root]) expect(outcome([other, pinned], peer)).toBeUndefined()
  })

  test('of other keys does not fit, and the error shows the certificate', () => {
    expect(outcome([other], shown([node, intermediate, root]))).toMatchObject({
      code: 'PIN_MISMATCH',
      certificate: { names: ['node.example'] },
    })
  })

  test('that ends without a root is read up to its end', () => {
    const peer = shown([node, intermediate], 'open')
    expect(chainOf(peer)).toHaveLength(2)
    expect(outcome([intermediate], peer)).toBeUndefined()
    expect(outcome([root], peer)?.code).toBe('PIN_MISMATCH')
  })

  test('ends for the pins at an issuer that did not sign', async () => {
    const namesake = await createAuthority('Intermediate CA')
    expect(outcome([namesake], shown([node, namesake]))?.code).toBe('PIN_MISMATCH')
    expect(outcome([root], shown([node, namesake, root]))?.code).toBe('PIN_MISMATCH')
  })

  test('is judged by all of its certificates, whatever was judged before', () => {
    const check = pinCheck(pinsOf([spkiPin(node.cert)]))
    expect(check(shown([node, intermediate]))).toBeUndefined()
    expect(check(shown([other, intermediate]))?.code).toBe('PIN_MISMATCH')
    expect(check(shown([node, intermediate]))).toBeUndefined()
    expect(check(shown([other, intermediate]))?.code).toBe('PIN_MISMATCH')
  })

  test('is verified once, and the 64 last chains are remembered', () => {
    const check = pinCheck(pinsOf([spkiPin(node.cert)]))
    const { raw } = new X509Certificate(node.cert)
    let verified: string[] = []
    const connect = (fingerprint256: string) => {
      const peer = {
        fingerprint256,
        get raw() {
          verified.push(fingerprint256)
          return raw
        },
      }
      expect(check(peer as DetailedPeerCertificate)).toBeUndefined()
    }
    const nodes = Array.from({ length: 64 }, (_, index) => `node ${index}`)
    nodes.forEach(connect)
    expect(verified).toEqual(nodes)
    verified = []
    nodes.forEach(connect)
    expect(verified).toEqual([])
    for (const each of ['one more', 'one more', 'node 0']) connect(each)
    expect(verified).toEqual(['one more', 'node 0'])
  })
})
