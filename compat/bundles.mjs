#!/usr/bin/env node
/**
 * `node compat/bundles.mjs PROJECT BUNDLER`: bundles an application for each of our packages with the bundler, as one file,
 * and runs the file in a folder without node_modules, where it must log in. PROJECT is a folder with our packages and the
 * driver installed; `npm run check:packages` makes it.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startHelper } from '../scripts/helper-process.mjs'
import { Checks } from '../scripts/lib.mjs'
import { applications } from './bundlers/applications.mjs'
import { bundlers } from './bundlers/bundlers.mjs'

const project = resolve(process.argv[2] ?? '')
const bundler = process.argv[3] ?? ''
const bundle = bundlers[bundler]
if (!bundle) throw new Error(`no bundler called '${bundler}'; there are: ${Object.keys(bundlers).join(', ')}`)
const checks = new Checks()
const elsewhere = mkdtempSync(join(tmpdir(), 'x-auth-bundles-'))
const servers = await startHelper(fileURLToPath(new URL('servers.mjs', import.meta.url)))
try {
  const environment = JSON.parse(servers.line)
  for (const [name, source] of Object.entries(applications)) {
    const fileName = name.replace(/\W/g, '-')
    // Each bundle has its own file: two bundlers may run at the same time.
    const entry = join(project, `${fileName}-${bundler}.mjs`)
    writeFileSync(entry, source)
    await checks.check(`${bundler}: ${name}`, async () => {
      const file = join(elsewhere, `${fileName}.cjs`)
      await bundle(entry, file)
      await logsIn(file, elsewhere, environment)
      console.log(`  ${bundler}: ${name}, ${(statSync(file).size / 1024).toFixed(0)} KiB`)
    })
  }
} finally {
  servers.stop()
  rmSync(elsewhere, { recursive: true, force: true })
}
checks.finish()

/** @param {string} file @param {string} cwd @param {Record<string, string>} env */
function logsIn(file, cwd, env) {
  const child = spawn(process.execPath, [file], { cwd, env: { PATH: process.env.PATH, ...env } })
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (output += text))
  // A bundle without one of its modules may hang.
  const limit = setTimeout(() => child.kill('SIGKILL'), 60_000)
  return new Promise((done, fail) => {
    child.once('close', () => {
      clearTimeout(limit)
      if (output.trim() === 'logged in') done()
      else fail(new Error(output || 'the bundle printed nothing'))
    })
  })
}
