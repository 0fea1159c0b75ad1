#!/usr/bin/env node
/**
 * `node lazy-exports.mjs index base`: an entry point of a package that only hands on names of other modules loads each
 * module when its name is first read. `const { PlainTextAuthProvider } = require('@x/auth-plaintext')` then loads what
 * that provider needs, and not what its neighbours need. Each package's build calls it after tsc, on `dist/NAME.js`.
 *
 * The list of names at the head of the file stays as tsc wrote it: Node.js reads the names for `import { … }` from there,
 * and drops a name for which it finds an `Object.defineProperty(exports, "NAME", …)` with a getter that it does not know.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'

const head =
  /^(?:"use strict";|Object\.defineProperty\(exports, "__esModule", \{ value: true \}\);|exports\.[\w. =]+ = void 0;)$/
const load = /^var (\w+) = (require\("[^"]+"\));$/
const name =
  /^Object\.defineProperty\(exports, "(\w+)", \{ enumerable: true, get: function \(\) \{ return (\w+)\.(\w+); \} \}\);$/
const comment = /^(?:\/\*\*.*|\s\*.*|\/\/.*|\s*)$/

const helper = 'const late = (name, get) => Object.defineProperty(exports, name, { enumerable: true, get });'

const sourceMap = /^\/\/# sourceMappingURL=.*$/

for (const entry of process.argv.slice(2)) {
  const file = `dist/${entry}.js`
  writeFileSync(file, lazily(readFileSync(file, 'utf8'), file))
  // The lines are others now, and there is nothing in them to step through.
  rmSync(`${file}.map`, { force: true })
}

/** @param {string} source @param {string} file */
function lazily(source, file) {
  /** @type {Map<string, string>} */
  const loads = new Map()
  /** @type {string[]} */
  const lines = []
  for (const line of source.split('\n')) {
    const [, local, call] = load.exec(line) ?? []
    const [, exported, from, original] = name.exec(line) ?? []
    const origin = loads.get(from ?? '')
    if (local !== undefined && call !== undefined) loads.set(local, call)
    else if (origin !== undefined) lines.push(`late("${exported}", () => ${origin}.${original});`)
    else if (sourceMap.test(line)) continue
    else if (head.test(line) || comment.test(line)) lines.push(line)
    else throw new Error(`${file} does more than hand on names, so that it cannot load them late: ${line}`)
  }
  const first = lines.findIndex((line) => line.startsWith('late('))
  return [...lines.slice(0, first), helper, ...lines.slice(first)].join('\n')
}
