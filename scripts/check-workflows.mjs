/**
 * Checks the workflows of `.github/` with actionlint, a Go module: types of expressions, inputs of actions, shell scripts. Also checks
 * what actionlint does not: nothing is published or written to the repository before CI has passed, and a run on main is not cancelled.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { Checks, root, run } from './lib.mjs'

const actionlint = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12'
const ci = './.github/workflows/ci.yml'
const folder = join(root, '.github', 'workflows')
const workflows = readdirSync(folder).map((file) => [file, parse(readFileSync(join(folder, file), 'utf8'))])
const checks = new Checks()
await checks.check('actionlint', () => {
  const result = run('go', ['run', actionlint])
  if (/ENOENT/.test(result.output)) throw new Error('Go is missing: install it, and put `go` on the path.')
  return result
})
await checks.check('a job that may write or publish waits for CI', () => {
  const writers = writersOf(workflows)
  if (writers.length === 0) throw new Error('no workflow publishes')
  const hasty = writers.filter(([, waits]) => !waits).map(([job]) => job)
  if (hasty.length > 0)
    throw new Error(`without \`needs\` of a job with \`uses: ${ci}\`: ${hasty.join(', ')}`)
})
await checks.check('a job that does not say its permissions counts as one that may write', () => {
  const found = (text) => writersOf([['toy.yml', parse(text)]]).map(([job]) => job)
  const jobs = 'jobs: { silent: {}, reader: { permissions: { contents: read } }, none: { permissions: {} } }'
  const problems = [
    [jobs, 'toy.yml: silent'],
    [`permissions: { contents: read }\n${jobs}`, ''],
    [`permissions: write-all\n${jobs}`, 'toy.yml: silent'],
  ].filter(([text, expected]) => found(text).join() !== expected)
  if (problems.length > 0) throw new Error(`judged wrong: ${problems.map(([text]) => text).join('; ')}`)
})
await checks.check('CI has the commit where a pull request left main', () => {
  const { steps } = Object.fromEntries(workflows)['ci.yml'].jobs.ci
  const depth = steps.find(({ uses }) => uses?.startsWith('actions/checkout@')).with?.['fetch-depth']
  if (depth !== 0)
    throw new Error(`fetch-depth is ${depth}: mutants of a pull request need all of its commits`)
})
await checks.check('CI cancels only runs of a pull request', () => {
  const { concurrency, on } = Object.fromEntries(workflows)['ci.yml']
  const cancels = concurrency['cancel-in-progress']
  if (!/^\$\{\{ github\.event_name == 'pull_request' \}\}$/.test(cancels))
    throw new Error(`cancel-in-progress is ${cancels}, which is not limited to pull requests`)
  if (!('pull_request' in on && 'workflow_call' in on)) throw new Error(`ci.yml is for ${Object.keys(on)}`)
})
checks.finish()

/** The jobs that may write, and whether each waits for CI. */
function writersOf(all) {
  return all.flatMap(([file, { jobs, permissions }]) =>
    Object.entries(jobs)
      .filter(([, job]) => mayWrite(job.permissions ?? permissions))
      .map(([name]) => [`${file}: ${name}`, waitsForCi(jobs, name)]),
  )
}

/** Without `permissions` the settings of the repository decide, and they are not known here. */
function mayWrite(permissions) {
  if (permissions === undefined || permissions === null) return true
  return permissions === 'write-all' || Object.values(permissions).includes('write')
}

/** Directly, or through the jobs that it waits for. A job whose `if` is true after a failure would not wait. */
function waitsForCi(jobs, name) {
  if (/always\(\)|failure\(\)|cancelled\(\)/.test(jobs[name].if ?? '')) return false
  return [jobs[name].needs ?? []].flat().some((each) => jobs[each].uses === ci || waitsForCi(jobs, each))
}
