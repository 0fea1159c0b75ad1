/** `node --require` this to run TypeScript sources as they are, the way jest does. */
const { readFileSync } = require('node:fs')
const Module = require('node:module')
const { transformSync } = require('@swc/core')

const jsc = { parser: { syntax: 'typescript' }, target: 'es2022' }
Module._extensions['.ts'] = (module, file) => {
  const { code } = transformSync(readFileSync(file, 'utf8'), {
    filename: file,
    jsc,
    module: { type: 'commonjs' },
  })
  module._compile(code, file)
}

const resolve = Module._resolveFilename
Module._resolveFilename = (request, parent, ...rest) => {
  const isSource = parent?.filename?.endsWith('.ts') && request.startsWith('.')
  return resolve(isSource ? request.replace(/\.js$/, '.ts') : request, parent, ...rest)
}
