/** What native code must never see: each guard by a message that is wrong in one place alone. */
import {
  checkContextToken,
  checkOffer,
  checkWrapToken,
  isKerberosError,
} from '../../src/lib/gssapi/tokens.js'

const invalid = expect.objectContaining({ code: 'CHALLENGE_INVALID' })
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('the offer of security layers (RFC 4121 §4.2.6.2)', () => {
  // Header: identifier, flags, filler, EC, RRC, sequence number. Then four bytes of payload and EC bytes of checksum.
  const header = {
    id: '0504',
    flags: '01',
    filler: 'ff',
    ec: '0004',
    rrc: '0000',
    number: '0000000000000007',
  }
  const rest = '01000000 deadbeef'
  const token = (change: Partial<typeof header> = {}, after = rest) =>
    hex(Object.values({ ...header, ...change }).join('') + after)

  test('of the server, readable, with four bytes: is taken unchanged', () => {
    const offer = token()
    expect(checkWrapToken(offer)).toBe(offer)
  })

  test.each([
    ['the acceptor has a key of its own', { flags: '05' }],
    ['it is rotated', { rrc: '0005' }],
    ['another number', { number: 'ffffffffffffffff' }],
  ])('%s: is taken', (_, change) => {
    expect(() => checkWrapToken(token(change))).not.toThrow()
  })

  test('a checksum of any length but none is taken', () => {
    expect(() => checkWrapToken(token({ ec: '0001' }, '01000000 aa'))).not.toThrow()
    expect(() => checkWrapToken(token({ ec: '0100' }, `01000000 ${'aa'.repeat(256)}`))).not.toThrow()
  })

  test.each<[string, Buffer]>([
    ['another identifier: a MIC', token({ id: '0404' })],
    ['another identifier in its second byte', token({ id: '0505' })],
    ['a filler that is none', token({ filler: '00' })],
    ['a flag that says: of the client', token({ flags: '00' })],
    ['of the client, with a key of the acceptor', token({ flags: '04' })],
    ['encrypted', token({ flags: '03' })],
    ['no checksum, and four bytes', token({ ec: '0000' }, '01000000')],
    ['no checksum, and eight bytes', token({ ec: '0000' })],
    ['a payload of three bytes', token({}, '010000 deadbeef')],
    ['a payload of five bytes', token({}, '0100000000 deadbeef')],
    ['a checksum alone', token({ ec: '0008' })],
    ['a checksum beyond its end', token({ ec: 'ffff' })],
    ['its header alone', token({}, '')],
    ['its header alone, which promises a payload', token({ ec: 'fffc' }, '')],
    ['a header that is cut off', token().subarray(0, 15)],
    ['two bytes', hex('0504')],
    ['one byte', hex('05')],
    ['nothing', Buffer.alloc(0)],
  ])('%s: is refused', (_, offer) => {
    expect(() => checkWrapToken(offer)).toThrow(invalid)
  })

  test('no token at all is refused', () => {
    expect(() => checkWrapToken(null)).toThrow(invalid)
  })

  test('in the form of before AES: says so, whatever follows', () => {
    const old = expect.objectContaining({ code: 'KERBEROS_ENCTYPE_UNSUPPORTED' })
    expect(() => checkWrapToken(hex('60'))).toThrow(old)
    expect(() => checkWrapToken(hex(`60 ${header.id} ${rest}`))).toThrow(old)
  })
})

describe('what the offer says (RFC 4752 §3.1)', () => {
  test.each(['01000000', '07ffffff', '03000000'])('%s has "no layer" in it', (offer) => {
    expect(() => checkOffer(hex(offer))).not.toThrow()
  })

  test.each(['00000000', '02ffffff', '06ffffff', '04010101'])('%s wants a layer', (offer) => {
    expect(() => checkOffer(hex(offer))).toThrow(expect.objectContaining({ code: 'GSSAPI_LAYER_REQUIRED' }))
  })

  test.each(['', '01', '010000', '0100000000'])('"%s" is not four bytes', (offer) => {
    expect(() => checkOffer(hex(offer))).toThrow(invalid)
  })
})

describe('the answer to the ticket (RFC 4121 §4.1)', () => {
  const krb5 = '06092a864886f712010202'
  const framed = (body: string) => {
    const { length } = hex(body)
    const size = (bytes: number) => length.toString(16).padStart(2 * bytes, '0')
    if (length < 0x80) return hex(`60 ${size(1)} ${body}`)
    return hex(length < 0x100 ? `60 81 ${size(1)} ${body}` : `60 82 ${size(2)} ${body}`)
  }

  test.each([
    ['an answer', `${krb5} 0200 aa`, false],
    ['an error', `${krb5} 0300 aa`, true],
    ['an answer of 127 bytes', `${krb5} 0200 ${'aa'.repeat(114)}`, false],
    ['an answer of 128 bytes', `${krb5} 0200 ${'aa'.repeat(115)}`, false],
    ['an error of 255 bytes', `${krb5} 0300 ${'aa'.repeat(242)}`, true],
    ['an error of 256 bytes', `${krb5} 0300 ${'aa'.repeat(243)}`, true],
  ])('%s is taken, and told from the other', (_, body, error) => {
    const token = framed(body)
    expect(checkContextToken(token)).toBe(token)
    expect(isKerberosError(token)).toBe(error)
  })

  test.each<[string, Buffer]>([
    ['another tag', Buffer.concat([hex('61'), framed(`${krb5} 0200 aa`).subarray(1)])],
    ['a length one too small', hex(`60 0d ${krb5} 0200 aa`)],
    ['a length one too large', hex(`60 0f ${krb5} 0200 aa`)],
    ['a length of three bytes', hex(`60 83 00000e ${krb5} 0200 aa`)],
    ['a length without an end', hex(`60 80 ${krb5} 0200 aa`)],
    ['a length that is cut off', hex('60 81')],
    ['a length of two bytes that is cut off', hex('60 82 00')],
    ['a tag alone', hex('60')],
    ['another mechanism: SPNEGO', framed('06062b0601050502 0000000000 0200 aa')],
    ['another mechanism in its last byte', framed('06092a864886f712010203 0200 aa')],
    ['the request of a client', framed(`${krb5} 0100 aa`)],
    ['another answer in its second byte', framed(`${krb5} 0201 aa`)],
    ['an identifier and nothing after it', framed(`${krb5} 0200`)],
    ['half an identifier', framed(`${krb5} 02`)],
    ['a mechanism alone', framed(krb5)],
  ])('%s: is refused', (_, token) => {
    expect(() => checkContextToken(token)).toThrow(invalid)
  })
})
