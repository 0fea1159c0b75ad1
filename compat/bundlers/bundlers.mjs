/**
 * Each bundler with the settings that its guide recommends for an application on Node.js. The result is one minified
 * file.
 */
import { builtinModules } from 'node:module'
import { basename, dirname } from 'node:path'
import commonjs from '@rollup/plugin-commonjs'
import json from '@rollup/plugin-json'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import esbuild from 'esbuild'
import { rollup } from 'rollup'
import webpack from 'webpack'

/** `(entry, file)`: bundles `entry` into `file`; rejects with the message of the bundler. */
export const bundlers = {
  async esbuild(entry, file) {
    await esbuild.build({
      entryPoints: [entry],
      outfile: file,
      bundle: true,
      minify: true,
      platform: 'node',
      logLevel: 'silent',
    })
  },
  webpack(entry, file) {
    const configuration = {
      entry,
      target: 'node',
      mode: 'production',
      output: { path: dirname(file), filename: basename(file) },
      // Without this, each import() would become a file of its own.
      plugins: [new webpack.optimize.LimitChunkCountPlugin({ maxChunks: 1 })],
    }
    return new Promise((resolve, reject) => {
      webpack(configuration, (error, stats) => {
        if (error || stats.hasErrors()) reject(error ?? new Error(stats.toString('errors-only')))
        else resolve()
      })
    })
  },
  async rollup(entry, file) {
    const bundle = await rollup({
      input: entry,
      external: (id) => id.startsWith('node:') || builtinModules.includes(id),
      plugins: [nodeResolve({ preferBuiltins: true }), commonjs({ ignoreTryCatch: true }), json()],
      logLevel: 'silent',
    })
    await bundle.write({ file, format: 'cjs', inlineDynamicImports: true, compact: true })
    await bundle.close()
  },
}
