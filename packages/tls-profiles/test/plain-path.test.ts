/** Which texts an error may quote as a path, at the edges of each rule. */
import { fresh } from './support/fresh.js'

type PlainPath = typeof import('../src/lib/material/plain-path.js')
const isPlainPath = (text: string) =>
  fresh(() => require('../src/lib/material/plain-path.js') as PlainPath).isPlainPath(text)

/** A text that changes between letter and digit before each of these places. */
function changing(...places: number[]): string {
  let kind = 0
  return Array.from({ length: 60 }, (_, index) => {
    if (places.includes(index)) kind = 1 - kind
    return 'z1'[kind]
  }).join('')
}
const uuid = '3f2a7c1e-9b0d-4e6f-8a51-0c9d7e6b5a43'
const names = (size: number, count: number) => Array(count).fill('a b'.padEnd(size, 'z')).join('/')

test.each<[string, string]>([
  ['4096 characters', `/${names(255, 16)}`],
  ['a blank inside', 'my certificates/ca.pem'],
  ['a blank of another width inside', 'my\u00a0ca.pem'],
  ['the last character before the control characters', 'ca~.pem'],
  ['a quote that is not at the start', `a'b"c\`d{e[f<g`],
  ['four hyphens', 'a----b'],
  ['31 hexadecimal digits', `/srv/${'a'.repeat(31)}`],
  ['32 letters that are not hexadecimal', `/srv/${'g'.repeat(32)}`],
  ['one byte in URL encoding', 'a%20b'],
  ['a percent sign that encodes nothing, before one that does', 'a%2gb%20'],
  ['a percent sign that encodes nothing, after one that does', 'a%20b%2g'],
  ['no bytes in URL encoding', 'a%zzb%zz'],
  ['eleven bytes with colons', `/srv/${'30:'.repeat(11)}`],
  ['groups of five digits', `/srv/${'12345 '.repeat(12)}z`],
  ['numbers far from each other', `/srv/${'30,  '.repeat(12)}z`],
  ['pairs of letters that are not hexadecimal', `/srv/${'gg:'.repeat(12)}`],
  ['numbers with other signs between them', `/srv/${'30.'.repeat(12)}`],
  ['seven bytes with \\x', `/srv/${'\\x30'.repeat(7)}`],
  ['\\x before what is not hexadecimal', `/srv/${'\\xgg'.repeat(8)}`],
  ['eleven bytes with \\x and blanks', '\\x30 '.repeat(11).trim()],
  ['a name of 255 characters', names(255, 1)],
  ['long names, together longer than one may be', names(200, 2)],
  ['the same in Windows', names(200, 2).replace('/', '\\')],
  ['a UUID', `/pods/${uuid}/tls.key`],
  ['ten changes', changing(...Array.from({ length: 10 }, (_, index) => 10 + index))],
  ['eleven changes in 33 places', changing(...Array.from({ length: 10 }, (_, index) => 10 + index), 42)],
])('%s: it is a path', (_, text) => {
  expect(isPlainPath(text)).toBe(true)
})

test.each<[string, string]>([
  ['4097 characters', `//${names(255, 16)}`],
  ['a blank at the start', ' ca.pem'],
  ['a blank at the end', 'ca.pem '],
  ...['\x00', '\x1f', '\x7f', '\x9f'].map(
    (each) => [`a control character (${each.charCodeAt(0)})`, `a${each}b`] as [string, string],
  ),
  ...[...`'"\`{[<`].map((each) => [`${each} at the start`, `${each}ca.pem`] as [string, string]),
  ['five hyphens', 'a-----b'],
  ['the words of a key', 'a private key'],
  ['a data URL', 'data:;base64,abc'],
  ['32 hexadecimal digits', `/srv/${'a'.repeat(32)}`],
  ['two bytes in URL encoding', 'a%20b%20c'],
  ['two bytes in URL encoding side by side', 'a%20%20c'],
  ['twelve bytes with colons', `/srv/${'30:'.repeat(12)}`],
  ['twelve bytes with blanks', `/srv/${'30 '.repeat(12)}z`],
  ['twelve bytes with commas and blanks', `/srv/${'30, '.repeat(12)}z`],
  ['twelve bytes with hyphens', `/srv/${'30-'.repeat(12)}z`],
  ['twelve numbers of one digit', `/srv/${'3,'.repeat(12)}`],
  ['twelve groups of four digits', `/srv/${'1234 '.repeat(12)}z`],
  ['bytes as in C', '0x30, '.repeat(12).trim()],
  ['twelve bytes with \\x and blanks', `${'\\x30 '.repeat(12)}z`],
  ['eight bytes with \\x', `/srv/${'\\x30'.repeat(8)}`],
  ['a name of 256 characters', `/srv/${names(256, 1)}`],
  ['a part that is not quite a UUID', `/pods/${uuid.replace('-', '')}/tls.key`],
  ['what changes on both sides of a UUID', `a1a1a1////////////${uuid}/////a1a1a1a`],
  ['eleven changes', changing(...Array.from({ length: 11 }, (_, index) => 10 + index))],
  ['eleven changes in 32 places', changing(...Array.from({ length: 10 }, (_, index) => 10 + index), 41)],
])('%s: it may be a secret', (_, text) => {
  expect(isPlainPath(text)).toBe(false)
})

test.each(['a5', 'z5', 'A5', 'Z5', '0m', '9m', 'mM'])(
  '%s, again and again, is what random text looks like',
  (pair) => {
    expect(isPlainPath(`./${pair.repeat(6)}`)).toBe(false)
  },
)

test.each([...'`{@[/:'])('%s between digits or letters is as in a path', (sign) => {
  for (const other of 'm5M') expect(isPlainPath(`./${`${other}${sign}`.repeat(8)}`)).toBe(true)
})
