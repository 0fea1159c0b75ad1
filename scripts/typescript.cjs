/** Lets plain Node.js run the sources, for child processes of tests. Jest does the same with @swc/jest and moduleNameMapper. */
const { readFileSync } = require('node:fs')
const Module = require('node:module')
const { join } = require('node:path')
const { transformSync } = require('@swc/core')

const packages = join(__dirname, '..', 'packages')

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    // An import() stays an import(), so modules that load on first use still do.
    module: { type: 'commonjs', ignoreDynamic: true },
    sourceMaps: 'inline',
    swcrc: false,
  })
  module._compile(code, filename)
}

const resolve = Module._resolveFilename
Module._resolveFilename = function (request, parent, ...rest) {
  const [, name, entry = 'index'] = /^@x\/([^/]+)(?:\/(?!package\.json$)(.+))?$/.exec(request) ?? []
  if (name) return resolve.call(this, join(packages, name, 'src', `${entry}.ts`), parent, ...rest)
  const isSource = parent?.filename?.endsWith('.ts') && /^\.{1,2}\/.*\.js$/.test(request)
  return resolve.call(this, isSource ? request.replace(/\.js$/, '.ts') : request, parent, ...rest)
}
