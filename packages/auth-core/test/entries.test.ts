import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
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

/** Every file of ours that a file loads, itself and those that these load: what is imported as a type alone is not. */
function loadedBy(file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found
  found.add(file)
  for (const statement of ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest)
    .statements) {
    const typeOnly =
      (ts.isImportDeclaration(statement) &&
        statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) ||
      (ts.isExportDeclaration(statement) && statement.isTypeOnly)
    const from =
      (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) && statement.moduleSpecifier
    if (typeOnly || !from || !ts.isStringLiteral(from) || !from.text.startsWith('.')) continue
    loadedBy(join(dirname(file), from.text.replace(/\.js$/, '.ts')), found)
  }
  return found
}

const sources = readdirSync(join(src, 'sources')).map((file) => file.replace(/\.ts$/, ''))

it('offers each name in one of its two entries, except the two that both audiences call', () => {
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

it('loads what is for HTTP by its own entry alone', () => {
  const forHttp = (entry: string) =>
    [...loadedBy(join(src, entry))].filter((file) => file.startsWith(join(src, 'lib', 'http')))
  expect(forHttp('http.ts')).toHaveLength(readdirSync(join(src, 'lib', 'http')).length)
  for (const entry of ['index.ts', 'base.ts', ...sources.map((name) => `sources/${name}.ts`)])
    expect(forHttp(entry)).toEqual([])
  const others = [...exportedBy('index.ts'), ...exportedBy('base.ts')]
  expect(exportedBy('http.ts').filter((name) => others.includes(name))).toEqual([])
})

it('has no lib/ with more than a dozen files in one place, in any package: what is more has shelves', () => {
  const packages = join(__dirname, '../..')
  const libs = readdirSync(packages).map((name) => join(packages, name, 'src', 'lib'))
  const crowded = libs.filter(existsSync).filter((lib) => {
    const files = readdirSync(lib, { withFileTypes: true }).filter((entry) => entry.isFile())
    return files.length > 12
  })
  expect(libs.length).toBeGreaterThan(5)
  expect(crowded).toEqual([])
})
