#!/usr/bin/env node
/**
 * `node lazy-exports.mjs index base`: an entry point of a package that only hands on names of other modules loads each
 * module when its name is first read. `const { PlainTextAuthProvider } = require('@x/auth-plaintext')` then loads what
 * that provider needs, and not what its neighbours need. Each package's build calls it after tsc, on `dist/NAME.js`.
 *
 * The list of names at the head of the file stays as tsc wrote it: Node.js reads the names for `import { … }` from there.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const head =
  /^(?:"use strict";|Object\.defineProperty\(exports, "__esModule", \{ value: true \}\);|exports\.[\w. =]+ = void 0;)$/
const load = /^var (\w+) = (require\("[^"]+"\));$/
const name =
  /^Object\.defineProperty\(exports, "(\w+)", \{ enumerable: true, get: function \(\) \{ return (\w+)\.(\w+); \} \}\);$/
const comment = /^(?:\/\*\*.*|\s\*.*|\/\/.*|\s*)$/

for (const entry of process.argv.slice(2)) {
  const file = `dist/${entry}.js`
  writeFileSync(file, lazily(readFileSync(file, 'utf8'), file))
}

/** @param {string} source @param {string} file */
function lazily(source, file) {
  /** @type {Map<string, string>} */
  const loads = new Map()
  return source
    .split('\n')
    .flatMap((line) => {
      if (head.test(line) || comment.test(line)) return [line]
      const loaded = load.exec(line)
      if (loaded) {
        loads.set(/** @type {string} */ (loaded[1]), /** @type {string} */ (loaded[2]))
        return []
      }
      const [, exported, module, from] = name.exec(line) ?? []
      const call = loads.get(module ?? '')
      if (call === undefined) {
        throw new Error(`${file} does more than hand on names, so that it cannot load them late: ${line}`)
      }
      return [
        `Object.defineProperty(exports, "${exported}", { enumerable: true, get: function () { return ${call}.${from}; } });`,
      ]
    })
    .join('\n')
}
