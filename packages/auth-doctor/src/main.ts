import { isError, systemClock } from '@x/auth-core/base'
import { createColors } from 'picocolors'
import { commandOf, usage } from './command-line.js'
import { checkInProcess } from './config/in-process.js'
import { diagnose } from './diagnose.js'
import { explainCode } from './findings/page.js'
import type { Surroundings } from './options.js'
import { isColoured } from './render/colours.js'
import { renderJson } from './render/json.js'
import { renderConfig, renderTerminal } from './render/terminal.js'
import { secretsOf } from './secrets.js'
import { UsageError } from './target.js'

/** The streams and the environment of a process. */
export interface Streams {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Wrong arguments: EX_USAGE of sysexits.h. */
const exitUsage = 64

/** Runs the command and returns its exit code. Never throws, and never shows a stack. */
export async function main(
  args: readonly string[],
  streams: Streams,
  surroundings: Surroundings = {},
): Promise<number> {
  const { stderr } = streams
  try {
    return await run(args, streams, surroundings)
  } catch (error) {
    if (error instanceof UsageError) {
      stderr.write(`auth-doctor: ${error.message}\n`)
      return exitUsage
    }
    // A bug of ours. Its text may contain anything, so only its kind and place are shown.
    const { name, stack } = isError(error) ? error : new Error('unknown')
    const place = /\(?([^()\s]+:\d+):\d+\)?$/m.exec(stack ?? '')?.[1]?.replace(/^.*[/\\]/, '')
    stderr.write(
      `auth-doctor: an error of the doctor itself (${name}${place === undefined ? '' : ` at ${place}`}). Please report it.\n`,
    )
    return 1
  }
}

async function run(args: readonly string[], streams: Streams, surroundings: Surroundings): Promise<number> {
  const { stdin, stdout, stderr, environment } = streams
  const command = commandOf(args, secretsOf({ environment, input: stdin, output: stderr }))
  const colors = createColors(isColoured(stdout, environment))
  switch (command.kind) {
    case 'help':
      stdout.write(usage)
      return 0
    case 'version':
      stdout.write(`${(require('../package.json') as { version: string }).version}\n`)
      return 0
    case 'explain': {
      const text = explainCode(command.code.toUpperCase())
      if (text === undefined)
        throw new UsageError(`There is no code ${JSON.stringify(command.code.slice(0, 60))}.`)
      stdout.write(text)
      return 0
    }
    case 'config': {
      const report = await checkInProcess(command.file, { timeoutMs: command.timeoutMs, clock: systemClock })
      stdout.write(command.json ? renderJson(report) : renderConfig(report, colors))
      return report.exitCode
    }
    case 'diagnose': {
      const line = progressLine(stderr)
      const report = await diagnose(command.given, { progress: line.show, ...surroundings })
      line.clear()
      stdout.write(command.json ? renderJson(report) : renderTerminal(report, colors, command.language))
      return report.exitCode
    }
  }
}

/** One line of a terminal that changes; prints nothing if stderr is not a terminal. */
function progressLine(stderr: NodeJS.WriteStream): { show: (what: string) => void; clear: () => void } {
  if (!stderr.isTTY) return { show: () => {}, clear: () => {} }
  return {
    show: (what) => void stderr.write(`\r\x1b[K${what} …`),
    clear: () => void stderr.write('\r\x1b[K'),
  }
}
