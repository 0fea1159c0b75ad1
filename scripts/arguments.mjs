/** The arguments of a command of the repository. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const help = /** @type {const} */ ({ help: { type: 'boolean', short: 'h', default: false } })

/**
 * Works like `parseArgs`. An unknown option ends the command with that message and exit code 2, without a stack trace. `--help` prints the comment
 * at the head of the command's file, and ends it with 0.
 * @template {import('node:util').ParseArgsConfig} T @param {T} config @returns {ReturnType<typeof parseArgs<T>>}
 */
export function argumentsOf(config) {
  try {
    const parsed = parseArgs({ ...config, options: { ...config.options, ...help } })
    if (!(/** @type {{ help?: boolean }} */ (parsed.values).help)) return /** @type {any} */ (parsed)
    console.log(usageIn(readFileSync(process.argv[1] ?? '', 'utf8')))
    return process.exit(0)
  } catch (error) {
    // Node.js adds advice for arguments that begin with '-', and no command takes one of those.
    const [problem] = /** @type {Error} */ (error).message.split('. To specify a positional')
    console.error(`${problem}. What it takes: --help`)
    return process.exit(2)
  }
}

/** The first comment of a file, without its marks. @param {string} source */
export function usageIn(source) {
  const [, comment = ''] = /^(?:#!.*\n)?\/\*\*([\s\S]*?)\*\//.exec(source) ?? []
  const text = comment.replaceAll(/^ *\* ?/gm, '').trim()
  if (text === '') throw new Error('This command has no comment at its head that could help.')
  return text
}
