#!/usr/bin/env node
/**
 * `node lazy-exports.mjs index base`: changes an entry point of a package that only re-exports names, so that it loads
 * a module when one of its names is first read. `const { PlainTextAuthProvider } = require('@x/auth-plaintext')` then
 * loads only what that provider needs. Each package's build calls this script after tsc, on `dist/NAME.js`.
 *
 * The list of names at the top of the file does not change: Node.js reads the names for `import { … }` from there. It
 * drops a name if it finds an `Object.defineProperty(exports, "NAME", …)` with a getter that it does not recognise.
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
  // The lines have changed, and they contain nothing to step through.
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
    else throw new Error(`${file} does more than re-export names, so it cannot load them late: ${line}`)
  }
  const first = lines.findIndex((line) => line.startsWith('late('))
  return [...lines.slice(0, first), helper, ...lines.slice(first)].join('\n')
}
