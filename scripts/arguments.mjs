/** What a command of the repository was given. */
import { parseArgs } from 'node:util'

/**
 * As `parseArgs`; what it does not know ends the command with that line and 2, where a stack would hide it.
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
