/** Lets plain Node.js run the sources, for child processes: what jest does with @swc/jest and moduleNameMapper. */
const { readFileSync } = require('node:fs')
const Module = require('node:module')
const { join } = require('node:path')
const { transformSync } = require('@swc/core')

const packages = join(__dirname, '..', '..', '..')

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    // What is loaded on first use must stay so.
    module: { type: 'commonjs', ignoreDynamic: true },
    swcrc: false,
  })
  module._compile(code, filename)
}

const resolve = Module._resolveFilename
Module._resolveFilename = function (request, parent, ...rest) {
  const own = /^@x\/([^/]+)$/.exec(request)
  if (own) return resolve.call(this, join(packages, own[1], 'src', 'index.ts'), parent, ...rest)
  const isSource = parent?.filename?.endsWith('.ts') && /^\.{1,2}\/.*\.js$/.test(request)
  return resolve.call(this, isSource ? request.replace(/\.js$/, '.ts') : request, parent, ...rest)
}
