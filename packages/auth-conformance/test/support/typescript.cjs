/** Lets plain node run the sources: what jest does with @swc/jest and moduleNameMapper, for child processes. */
const { readFileSync } = require('node:fs')
const Module = require('node:module')
const { join } = require('node:path')
const { transformSync } = require('@swc/core')

const packages = join(__dirname, '..', '..', '..')
const jsc = { parser: { syntax: 'typescript' }, target: 'es2022' }

require.extensions['.ts'] = (module, filename) => {
  const options = {
    filename,
    jsc,
    module: { type: 'commonjs', ignoreDynamic: true },
    sourceMaps: 'inline',
    swcrc: false,
  }
  module._compile(transformSync(readFileSync(filename, 'utf8'), options).code, filename)
}

const resolve = Module._resolveFilename
Module._resolveFilename = function (request, parent, ...rest) {
  const own = /^@x\/([^/]+)$/.exec(request)
  if (own) return resolve.call(this, join(packages, own[1], 'src', 'index.ts'), parent, ...rest)
  const source = parent?.filename?.endsWith('.ts') && /^\.{1,2}\/.*\.js$/.test(request)
  return resolve.call(this, source ? request.replace(/\.js$/, '.ts') : request, parent, ...rest)
}
