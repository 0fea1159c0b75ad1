/** The arguments of a command of the repository. */
import { parseArgs } from 'node:util'

/**
 * Works like `parseArgs`. An unknown option ends the command with that message and exit code 2, without a stack trace.
 * @template {import('node:util').ParseArgsConfig} T @param {T} config @returns {ReturnType<typeof parseArgs<T>>}
 */
export function argumentsOf(config) {
  try {
    return parseArgs(config)
  } catch (error) {
    console.error(/** @type {Error} */ (error).message)
    return process.exit(2)
  }
}
