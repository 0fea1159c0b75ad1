/**
 * The loop finds the planted fault, but only with coverage. It stops an input that hangs, and the same seed gives the same run.
 */
import assert from 'node:assert/strict'
import test from 'node:test'
import { runTarget } from '../lib/run-target.mjs'

const module = new URL('fixtures/planted-target.mjs', import.meta.url).href
const planted = { module, name: 'planted-fault', covers: ['planted.cjs'], messages: 30_000, seed: 1 }

test('a fault behind four bytes is found, and its input is reported', async () => {
  const { find } = await runTarget(planted)
  assert.equal(find?.input.toString(), 'LOC!')
  assert.match(find?.error ?? '', /the planted fault/)
})

test('without coverage it is not found: coverage leads to it', async () => {
  const { find, ran } = await runTarget({ ...planted, covers: [] })
  assert.deepEqual([find, ran], [undefined, 30_001])
})

test('an input that hangs is stopped and reported', async () => {
  const { find } = await runTarget({ ...planted, name: 'planted-hang', hangsAfterMs: 5_000 })
  assert.equal(find?.input.toString(), 'LOC?')
  assert.match(find?.error ?? '', /it hangs/)
})

test('the same seed gives the same run', async () => {
  const [first, second, other] = await Promise.all([
    runTarget(planted),
    runTarget(planted),
    runTarget({ ...planted, seed: 2 }),
  ])
  assert.equal(first.ran, second.ran)
  assert.notEqual(first.ran, other.ran)
})
