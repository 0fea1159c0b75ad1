import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorTable } from '../src/index.js'

const page = readFileSync(join(__dirname, '../../../docs/kerberos.md'), 'utf8')
const [, table = ''] = /<!-- errors -->([\s\S]*)<!-- \/errors -->/.exec(page) ?? []
const rows = table.split('\n').filter((line) => line.startsWith('| `'))

/** By the beginning of its code, so that none is forgotten. */
const codes = Object.entries(errorTable).filter(([code]) => /^(KERBEROS|GSSAPI|HOST)_/.test(code))

test.each(codes)('docs/kerberos.md says of %s what the table says', (code, { summary, remedy }) => {
  const row = rows.find((line) => line.startsWith(`| \`${code}\` |`))
  expect(row?.endsWith(` | ${summary} | ${remedy} |`)).toBe(true)
})

test('and has no row more', () => {
  expect(rows).toHaveLength(codes.length)
})
