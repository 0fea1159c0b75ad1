/** The workflows of `.github/` by actionlint, a Go module: types of expressions, inputs of actions, shell scripts. */
import { Checks, run } from './lib.mjs'

const actionlint = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12'
const checks = new Checks()
await checks.check('actionlint', () => {
  const result = run('go', ['run', actionlint])
  if (/ENOENT/.test(result.output)) throw new Error('Go is missing: install it, and put `go` on the path.')
  return result
})
checks.finish()
