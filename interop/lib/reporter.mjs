/**
 * The reporter of node:test for the suites: a line for each test, the servers' logs after a failed one, and the counts
 * for the runner. It counts tests, not the `describe`s around them.
 */
import { inspect } from 'node:util'
import { recentLogs } from './server-logs.mjs'
import { seconds } from './stage.mjs'

/** @typedef {'passed' | 'failed' | 'finished'} Message to the runner */

/** @param {AsyncIterable<import('node:test/reporters').TestEvent>} events */
export default async function* report(events) {
  let failures = 0
  const headings = new Headings()
  for await (const event of events) {
    if (event.type === 'test:start') headings.started(event.data)
    if (event.type === 'test:pass') {
      const { name, nesting, details, skip, todo } = event.data
      if (details.type !== 'suite') yield headings.above(nesting)
      if (skip !== undefined || todo !== undefined) {
        // A check that cannot run counts as failed.
        yield line(nesting, '✖', `${name} (skipped)`, details.duration_ms)
        tell('failed')
      } else if (details.type !== 'suite') {
        yield line(nesting, '✔', name, details.duration_ms)
        tell('passed')
      }
    }
    if (event.type === 'test:fail') {
      const { name, nesting, details } = event.data
      const error = /** @type {Error & { failureType?: string }} */ (details.error)
      // A `describe` fails if one of its tests fails, which is already counted, or if its own hook fails.
      if (details.type === 'suite' && error.failureType === 'subtestsFailed') continue
      failures++
      yield headings.above(nesting)
      yield line(nesting, '✖', name, details.duration_ms)
      yield `${indent(inspect(error.cause ?? error), nesting + 2)}\n${recentLogs(25)}`
      tell('failed')
    }
    if (event.type === 'test:stderr' || event.type === 'test:stdout') yield event.data.message
  }
  if (failures > 0) yield `  ${failures} of the tests above failed\n`
  tell('finished')
}

/** The names of the `describe`s around a test, printed once. */
class Headings {
  /** @type {string[]} */
  #names = []
  #printed = 0

  /** @param {{ name: string, nesting: number }} test */
  started({ name, nesting }) {
    this.#names = [...this.#names.slice(0, nesting), name]
    this.#printed = Math.min(this.#printed, nesting)
  }

  /** @param {number} nesting */
  above(nesting) {
    const fresh = this.#names.slice(this.#printed, nesting)
    const text = fresh.map((name, index) => `${'  '.repeat(this.#printed + index + 1)}${name}\n`).join('')
    this.#printed = Math.max(this.#printed, nesting)
    return text
  }
}

/** @param {number} nesting @param {string} sign @param {string} name @param {number} durationMs */
function line(nesting, sign, name, durationMs) {
  return `${'  '.repeat(nesting + 1)}${sign} ${name}: ${seconds(durationMs)}\n`
}

/** @param {string} text @param {number} depth */
function indent(text, depth) {
  return text.replaceAll(/^/gm, '  '.repeat(depth))
}

/** @param {Message} message */
function tell(message) {
  process.send?.(message)
}
