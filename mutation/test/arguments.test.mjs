/** The commands of the repository that take options: each explains itself. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { usageIn } from '../../scripts/arguments.mjs'
import { root } from '../lib/repository.mjs'

const run = (/** @type {string} */ file, /** @type {string[]} */ ...args) =>
  spawnSync(process.execPath, [join(root, file), ...args], { encoding: 'utf8' })

const commands = [
  ...readdirSync(join(root, 'scripts')).map((name) => `scripts/${name}`),
  ...['bench', 'fuzz', 'interop', 'interop/soak', 'mutation'].map((folder) => `${folder}/run.mjs`),
].filter(
  (file) =>
    file.endsWith('.mjs') && /import \{[^}]*\bargumentsOf\b/.test(readFileSync(join(root, file), 'utf8')),
)

test('every command that takes options has a comment at its head', () => {
  assert.ok(commands.length >= 7, String(commands))
  for (const file of commands) assert.ok(usageIn(readFileSync(join(root, file), 'utf8')).length > 100, file)
})

test('--help prints it and ends with 0; an unknown option ends with 2', () => {
  for (const option of ['--help', '-h']) {
    const { status, stdout } = run('mutation/run.mjs', '--write', option)
    assert.equal(status, 0)
    assert.match(stdout, /--sample N/)
    assert.doesNotMatch(stdout, /^ ?\*|\*\//m)
  }
  const { status, stderr } = run('mutation/run.mjs', '--nothing')
  assert.equal(status, 2)
  assert.match(stderr, /^Unknown option '--nothing'/)
})

test('a file without a comment at its head is named as wrong', () => {
  assert.equal(
    usageIn('#!/usr/bin/env node\n/**\n * Does it.\n *\n *   --more  more\n */\n'),
    'Does it.\n\n  --more  more',
  )
  assert.throws(() => usageIn('import x'), /no comment/)
})
