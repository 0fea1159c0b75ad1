/** What an error says that given bytes are, if they are not what was wanted. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fresh } from './support/fresh.js'

type Hints = typeof import('../src/lib/material/hint.js')
const hint = (bytes: Buffer | string, wanted?: readonly string[]) =>
  fresh(() => require('../src/lib/material/hint.js') as Hints).hintAt(Buffer.from(bytes), wanted)
const fixture = (name: string) => readFileSync(join(__dirname, 'fixtures', name))
const block = (label: string) => `-----BEGIN ${label}-----\nMII=\n-----END ${label}-----\n`
const value = (tag: number, ...parts: Uint8Array[]) =>
  Buffer.from([tag, Buffer.concat(parts).length, ...Buffer.concat(parts)])
const oid = (hex: string) => value(0x06, Buffer.from(hex, 'hex'))
const [sha256, sha1] = [value(0x30, oid('2a864886f70d01010b')), value(0x30, oid('2a864886f70d010105'))]
const names = value(0x30)
const version = value(0x02, Buffer.from([1]))
const [utcTime, time] = [
  value(0x17, Buffer.from('301231235959Z')),
  value(0x18, Buffer.from('20301231235959Z')),
]
const signature = value(0x03, Buffer.from([0, 1]))
const list = (...fields: Uint8Array[]) => value(0x30, value(0x30, ...fields), sha256, signature)
const certificate = new X509Certificate(fixture('plain.pem')).raw

const nothing = /^$/
const json = /^: it seems to be JSON/
const neither = /^: it is neither PEM nor the path/
const twoCharacters = /^: its line ends are written as the two characters/
const short = /^: its PEM has no END line/
const oneLine = /^: all of its PEM is on one line/
const utf16 = /^: it is in UTF-16/
const crl = /^: it is a revocation list in DER$/
const pkcs7 = /^: it is PKCS #7; openssl pkcs7 -inform DER/
const inBase64 = /^: it is base64/

test.each<[string, Buffer | string, RegExp]>([
  ['nothing', '', /^: it is empty$/],
  ['a mark of UTF-16 alone', Buffer.from([0xfe, 0xff]), utf16],
  ['the other mark of UTF-16', Buffer.from([0xff, 0xfe, 0x61]), utf16],
  ['half of a mark', Buffer.from([0xfe]), neither],
  ['four letters in UTF-16', Buffer.from('abcd', 'utf16le'), utf16],
  ['four letters in UTF-16, the other way round', Buffer.from('abcd', 'utf16le').swap16(), utf16],
  ['seven bytes of it', Buffer.from('abcd', 'utf16le').subarray(0, 7), neither],
  ['letters and one zero', Buffer.from('a\0bcdefgh'), neither],
  ['UTF-16, and other bytes after 64', Buffer.from(`${'a\0'.repeat(32)}bcdefgh`), utf16],
  ['JKS', fixture('rsa.jks'), /^: it is a JKS store, .* \{ jks:/],
  ['JCEKS', fixture('ed25519.jceks'), /^: it is a JCEKS store/],
  ['PKCS #12', fixture('rsa.p12'), /^: it is a PKCS #12 store/],
  ['a certificate', certificate, /^: it is a certificate$/],
  ['PKCS #7', value(0x30, oid('2a864886f70d010702')), pkcs7],
  ['PKCS #7 of another kind', value(0x30, oid('2a864886f70d010701')), neither],
  ['a list, with a version', list(version, sha256, names, utcTime), crl],
  ['a list of the first version', list(sha256, names, utcTime), crl],
  ['a list with a time of four digits', list(sha256, names, time), crl],
  ['a list with a version and such a time', list(version, sha256, names, time), crl],
  ['something with another algorithm', list(sha1, names, utcTime), neither],
  ['something without a time', list(sha256, names, names), neither],
  ['something unsigned', value(0x30, value(0x30, sha256, names, utcTime), sha256), neither],
  ['a sequence of nothing', Buffer.from('3000', 'hex'), neither],
  ['\\n as two characters', '-----BEGIN A B-----\\nMII', twoCharacters],
  ['\\r\\n as characters', '-----BEGIN A B-----\\r\\nMII', twoCharacters],
  ['\\rn as characters', '-----BEGIN A B-----\\rnMII', twoCharacters],
  ['\\n as two characters after blanks', '-----BEGIN A B-----   \\nMII', twoCharacters],
  ['\\n after a text', '-----BEGIN A B-----x\\nMII', short],
  ['one line', '-----BEGIN AB----- MII -----END AB-----', oneLine],
  ['one block on one line, and another', `-----BEGIN A----- MII -----END A-----\n${block('B')}`, oneLine],
  ['an object in JSON', '{"a": 1}\n', json],
  ['a list in JSON', '[1]\n', json],
  ['JSON after blanks', `${' '.repeat(9)}\n{"a": 1}\n`, json],
  ['a bracket after a letter', 'a\n{', nothing],
  ['a bracket after other signs', 'ab{', neither],
  ['PEM without an end', '-----BEGIN AB-----\nMII=\n', short],
  ['the same after PEM with one', `${block('AB')}-----BEGIN AB-----\n`, /^: its PEM has nothing but AB$/],
  ['an end without a beginning', '-----END AB-----\n\nx', nothing],
  ['base64', certificate.toString('base64'), inBase64],
  ['base64 on lines', certificate.toString('base64').replace(/.{64}/g, '$&\n'), inBase64],
  ['base64 that could be DER, then PEM', `MIAA\n${block('AB')}`, /^: its PEM has nothing but AB$/],
  ['4095 bytes', 'z'.repeat(4095), neither],
  ['4096 bytes', 'z'.repeat(4096), nothing],
  ['two lines', 'a\nb', nothing],
  ['one line with its end', '\nab\n', neither],
  ['PKCS #7 in PEM', block('PKCS7'), /^: it is PKCS #7; openssl pkcs7 -print/],
  ['CMS in PEM', block('CMS'), /^: it is PKCS #7; openssl pkcs7 -print/],
  ['two kinds of PEM', block('AB') + block('C 2') + block('AB'), /^: its PEM has nothing but AB and C 2$/],
  ['five kinds of PEM', [...'ABCDE'].map(block).join(''), /^: its PEM has nothing but A and B and C and D$/],
  ['labels in small letters', block('Ab') + block('aB') + block('C'), /^: its PEM has nothing but C$/],
  ['a label in small letters alone', block('secret'), nothing],
])('%s', (_, bytes, expected) => {
  expect(hint(bytes)).toMatch(expected)
})

test('what was wanted is not named', () => {
  expect(hint(block('AB') + block('CD'), ['AB'])).toBe(': its PEM has nothing but CD')
  expect(hint(block('AB'), ['AB'])).toBe('')
  expect(hint(block('CMS'), ['CMS'])).toBe('')
})
