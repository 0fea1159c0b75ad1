/**
 * Every function that takes options refuses other values, in all packages. They are found by their declarations, so a
 * new one needs no line here.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(__dirname, '../../..')

test('null, a text, a list, a number or a symbol instead of options is an error that names the function', async () => {
  const hook = join(root, 'scripts/typescript.cjs')
  const script = join(root, 'scripts/misused-options.mjs')
  const { stdout } = await promisify(execFile)(process.execPath, ['--require', hook, script])
  const { calls, problems } = JSON.parse(stdout) as { calls: number; problems: string[] }
  expect(problems).toEqual([])
  // The search must find them.
  expect(calls).toBeGreaterThan(200)
}, 600_000)
