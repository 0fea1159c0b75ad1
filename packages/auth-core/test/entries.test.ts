import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { exports as subpaths } from '../package.json'

const src = join(__dirname, '..', 'src')

/** All names that a file exports, those of types included. */
function exportedBy(file: string): readonly string[] {
  const text = readFileSync(join(src, file), 'utf8')
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest).statements.flatMap((statement) => {
    const clause = ts.isExportDeclaration(statement) ? statement.exportClause : undefined
    return clause && ts.isNamedExports(clause) ? clause.elements.map(({ name }) => name.text) : []
  })
}

const sources = readdirSync(join(src, 'sources')).map((file) => file.replace(/\.ts$/, ''))

it('offers each name in one of its two entries, but for the two that both audiences call', () => {
  const main = exportedBy('index.ts')
  const base = exportedBy('base.ts')
  expect(main.length).toBeGreaterThan(30)
  expect(base.length).toBeGreaterThan(30)
  expect(main.filter((name) => base.includes(name)).sort()).toEqual(['Secret', 'isAuthError'])
})

it('has a subpath for each source, and none for a source that is not there', () => {
  const wanted = sources.map((name) => [
    `./sources/${name}`,
    { types: `./dist/sources/${name}.d.ts`, default: `./dist/sources/${name}.js` },
  ])
  const named = Object.entries(subpaths).filter(([path]) => path.startsWith('./sources/'))
  expect(Object.fromEntries(named)).toEqual(Object.fromEntries(wanted))
})
