/** What a program loads: a file costs a fifth of a millisecond, and it has one mechanism. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(__dirname, '../../..')

/** The files of this package that a process of its own has loaded after each line, without those of before. */
async function loadedBy(...lines: readonly string[]): Promise<string[][]> {
  const script = `
    require(${JSON.stringify(join(root, 'scripts/typescript.cjs'))})
    const seen = new Set()
    const news = () => Object.keys(require.cache).filter((file) => {
      const isNew = file.includes('/auth-sasl/src/') && !seen.has(file)
      seen.add(file)
      return isNew
    }).map((file) => file.split('/auth-sasl/src/')[1])
    const found = []
    ${lines.map((line) => `{ ${line} }\nfound.push(news())`).join('\n')}
    console.log(JSON.stringify(found))`
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { cwd: root })
  return JSON.parse(stdout) as string[][]
}

test('the import loads no mechanism, and a provider its own alone', async () => {
  const [imported = [], names, scram = [], external = []] = await loadedBy(
    `globalThis.sasl = require('@x/auth-sasl')`,
    `sasl.registry.map(({ name }) => name)`,
    `new sasl.SaslAuthProvider({ mechanism: 'SCRAM-SHA-256', username: 'a', password: 'b' })`,
    `new sasl.SaslAuthProvider({ mechanism: 'EXTERNAL' })`,
  )
  expect(imported.filter((file) => /^(mechanisms|lib\/(scram|gssapi|digest))/.test(file))).toEqual([])
  expect(names).toEqual([])
  expect(scram.filter((file) => file.startsWith('mechanisms/'))).toEqual(['mechanisms/scram.ts'])
  expect(scram.filter((file) => /gssapi|digest-/.test(file))).toEqual([])
  expect(external.filter((file) => file.startsWith('mechanisms/'))).toEqual(['mechanisms/external.ts'])
})
