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

it.each(sources)('has a subpath of its own for the source %s', (name) => {
  expect(subpaths).toHaveProperty([`./sources/${name}`], {
    types: `./dist/sources/${name}.d.ts`,
    default: `./dist/sources/${name}.js`,
  })
})

it('has no subpath for a source that is not there', () => {
  const named = Object.keys(subpaths).filter((path) => path.startsWith('./sources/'))
  expect(named).toEqual(sources.map((name) => `./sources/${name}`))
})
