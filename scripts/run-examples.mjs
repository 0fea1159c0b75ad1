/** Runs the `test` script of every example: the documentation shows all of them, so all must work. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Checks, root, run } from './lib.mjs'

const checks = new Checks()
const pnpm = join(root, 'node_modules/pnpm/bin/pnpm.cjs')
const examples = readdirSync(join(root, 'examples'))
  .map((name) => join(root, 'examples', name))
  .filter((folder) => existsSync(join(folder, 'package.json')))
  .sort()

for (const folder of examples) {
  const { name, scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  await checks.check(name, () => {
    if (!scripts?.test) throw new Error('an example needs a test script that runs it')
    return run(process.execPath, [pnpm, '--dir', folder, 'run', 'test'])
  })
}
checks.finish()
