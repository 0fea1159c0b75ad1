/** Mutants that are written into a copy of the repository. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withMutant } from '../lib/written.mjs'

const source = 'const a = 1\nif (a ===\n  1) {\n  f()\n  g()\n}\n'
const mutant = {
  file: 'a.ts',
  mutator: 'ConditionalExpression',
  line: 'if (a ===',
  original: 'a === 1',
  replacement: 'true',
  start: { line: 2, column: 5 },
  end: { line: 3, column: 4 },
}

test('the mutant is at its place', () => {
  assert.equal(withMutant(source, mutant), 'const a = 1\nif (true) {\n  f()\n  g()\n}\n')
})

test('a source that is not the one of the mutant is an error', () => {
  assert.throws(() => withMutant(`\n${source}`, mutant), /a\.ts:2 has changed/)
})

test('a replacement that does not parse is not written', () => {
  assert.equal(withMutant(source, { ...mutant, replacement: 'f() g()' }), source)
})
