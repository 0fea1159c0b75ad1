#!/usr/bin/env node
/**
 * `npm run rename -- @scope https://github.com/owner/name`: gives the packages their scope and the project its address, in
 * every file that git knows: imports, package.json, documents, diagnostics channels, registered symbols. The current names
 * are in `identity.json`.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './lib.mjs'
import { identity } from './manifests.mjs'

const [scope = '', repository = ''] = process.argv.slice(2)
if (!/^@[a-z0-9][a-z0-9._-]*$/.test(scope) || !/^https:\/\/[^\s'"`]+[^\s'"`/]$/.test(repository)) {
  console.error('npm run rename -- @scope https://github.com/owner/name')
  process.exit(64)
}

/** The address comes first, because it may contain the text of the scope. */
const changes = [
  [identity.repository, repository],
  [`${identity.scope}/`, `${scope}/`],
  // The form inside a regular expression.
  [`${identity.scope}\\/`, `${scope}\\/`],
  [`"scope": "${identity.scope}"`, `"scope": "${scope}"`],
]
let changed = 0
for (const file of execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0')) {
  if (!file) continue
  const path = join(root, file)
  const bytes = readFileSync(path)
  if (bytes.includes(0)) continue
  const before = bytes.toString()
  const after = changes.reduce((text, [from, to]) => text.replaceAll(from, to), before)
  if (after === before) continue
  writeFileSync(path, after)
  changed++
}
console.log(`${changed} files say ${scope} and ${repository}`)

// Imports are sorted by name, so their order may have changed. And node_modules still has links with the old names.
for (const args of [
  ['node_modules/pnpm/bin/pnpm.cjs', 'install', '--frozen-lockfile', '--prefer-offline', '--reporter=silent'],
  ['node_modules/@biomejs/biome/bin/biome', 'check', '--write', '--colors=off', '.'],
]) {
  const result = run(
    process.execPath,
    args.map((arg, index) => (index === 0 ? join(root, arg) : arg)),
    {
      env: { ...process.env, CI: 'true' },
    },
  )
  if (!result.ok) {
    console.error(result.output)
    process.exit(1)
  }
}
