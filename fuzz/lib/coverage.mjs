/**
 * Counts which statements and branches of our packages run. jazzer.js, the maintained tool for this, has binaries that need a
 * newer libc than Debian 12 has. So Istanbul's instrumenter adds the counters, and `Coverage` reads them after each input.
 */
import { createRequire } from 'node:module'
import { sep } from 'node:path'
import { createInstrumenter } from 'istanbul-lib-instrument'

/** @typedef {{ s: Record<string, number>, b: Record<string, number[]> }} Counters of one file */

const variable = '__fuzzCoverage__'
const instrumenter = createInstrumenter({ coverageVariable: variable, compact: true, esModules: false })

/**
 * Instruments the CommonJS files whose path has one of these parts, if they are loaded after this call.
 * @param {readonly string[]} parts such as `tls-profiles/dist/lib/material`
 */
export function instrument(parts) {
  const wanted = parts.map((part) => part.replaceAll('/', sep))
  const { _extensions: extensions } = /** @type {any} */ (createRequire(import.meta.url)('node:module'))
  const load = extensions['.js']
  extensions['.js'] = (/** @type {any} */ module, /** @type {string} */ file) => {
    if (wanted.some((part) => file.includes(part))) {
      const compile = module._compile
      module._compile = (
        /** @type {string} */ code,
        /** @type {string} */ name,
        /** @type {any[]} */ ...more
      ) => compile.call(module, instrumenter.instrumentSync(code, name), name, ...more)
    }
    load(module, file)
  }
}

/** What inputs have reached so far. */
export class Coverage {
  /** 1 for each counter that was not 0 after some input, in the order of the files. @type {Uint8Array} */
  #seen = new Uint8Array(0)
  reached = 0

  /** True if something ran that had not run before. */
  grew() {
    const before = this.reached
    let at = 0
    for (const counters of allCounters()) {
      if (at === this.#seen.length) this.#grow()
      if (counters > 0 && this.#seen[at] === 0) {
        this.#seen[at] = 1
        this.reached++
      }
      at++
    }
    return this.reached > before
  }

  #grow() {
    const larger = new Uint8Array(Math.max(4096, this.#seen.length * 2))
    larger.set(this.#seen)
    this.#seen = larger
  }
}

function* allCounters() {
  const files = /** @type {Record<string, Counters>} */ (/** @type {any} */ (globalThis)[variable] ?? {})
  for (const file in files) {
    const { s, b } = /** @type {Counters} */ (files[file])
    for (const id in s) yield/** @type {number} */ (s[id])
    for (const id in b) yield* /** @type {number[]} */ (b[id])
  }
}
