/** The command `auth-conformance`; the file in `bin/` loads it. */
import { parseArgs } from 'node:util'
import type { ClauseResult } from './clause.js'
import { type Progress, runIsolated } from './run-isolated.js'
import { formatResults, summarize } from './table.js'

const usage = `Usage: auth-conformance [options] ./my-provider.js

Runs the conformance suite on every subject that the module exports.

  --json          results as JSON instead of a table
  --only ID       only clauses whose id begins so, such as PROV or PROV-12
  --strict        clauses at the levels should and may count for the exit code too
  --require FILE  loaded first in each child process, such as a compiler of TypeScript
  --help          this text

Exit code: 0 when every clause at level must that applies is kept, 1 when one is broken, 2 when nothing could be run.
`

void main()

async function main(): Promise<void> {
  try {
    process.exitCode = await run(process.argv.slice(2))
  } catch (error) {
    console.error(`auth-conformance: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 2
  }
}

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string' },
      strict: { type: 'boolean', default: false },
      require: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  })
  const [module, ...more] = positionals
  if (values.help || module === undefined || more.length > 0) {
    console.error(usage)
    return values.help ? 0 : 2
  }
  const results: ClauseResult[] = []
  const execArgv = values.require.flatMap((file) => ['--require', file])
  for await (const result of runIsolated(module, { only: values.only, execArgv, onProgress: showProgress })) {
    results.push(result)
  }
  clearProgress()
  if (results.length === 0) throw new Error(`no clause begins with '${values.only}'`)
  console.log(values.json ? JSON.stringify(results, null, 2) : formatResults(results))
  const { failed, mustFailed } = summarize(results)
  return (values.strict ? failed : mustFailed) > 0 ? 1 : 0
}

function showProgress({ done, total, last }: Progress): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${done}/${total} ${last.id} ${last.outcome}`)
  else if (done === total || done % 20 === 0) process.stderr.write(`${done}/${total} clauses\n`)
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
}
