/** What a login or a source needs in other files. If something is missing, the error says where. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as exported from '../src/index.js'

const folder = join(__dirname, '..')
const read = (path: string) => readFileSync(join(folder, path), 'utf8')
const files = ['logins', 'sources'].flatMap((kind) =>
  readdirSync(join(folder, 'src', kind)).map((file) => [kind, file.replace(/\.ts$/, '')] as const),
)

test.each(files)('%s/%s.ts is exported, tested and documented', (kind, file) => {
  const name = `vault${file.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}`
  const places: readonly (readonly [boolean, string])[] = [
    [name in exported, `${name} in src/index.ts`],
    [read('README.md').includes(`\`${name}(`), `\`${name}(…)\` in README.md`],
    [read('../../docs/credentials.md').includes(`\`${name}(`), `\`${name}(…)\` in docs/credentials.md`],
    kind === 'sources'
      ? [read('test/conformance.test.ts').includes(`${name}(`), `a subject in test/conformance.test.ts`]
      : [
          ['logins', 'http'].some((each) => read(`test/${each}.test.ts`).includes(`${name}(`)),
          `a test in test/logins.test.ts`,
        ],
    // A client certificate and the token of an Agent are not text that we send.
    [
      kind === 'sources' ||
        ['agent', 'certificate'].includes(file) ||
        read('test/secrets.test.ts').includes(`${name}(`),
      `a row in test/secrets.test.ts`,
    ],
  ]
  expect(places.filter(([there]) => !there).map(([, place]) => `missing: ${place}`)).toEqual([])
})

test('the README has an install line with every package that its snippets import', () => {
  const text = read('README.md')
  const [, installed = ''] = /^npm install (.+)$/m.exec(text) ?? []
  const imported = [...text.matchAll(/(?:from|import\()\s*'([^'.][^']*)'/g)].map(([, name = '']) =>
    name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : name,
  )
  expect(imported.length).toBeGreaterThan(0)
  const missing = imported.filter((name) => !name.startsWith('node:') && !installed.split(' ').includes(name))
  expect([...new Set(missing)]).toEqual([])
  expect(existsSync(join(folder, '../../examples/vault/vault.mjs'))).toBe(true)
})
