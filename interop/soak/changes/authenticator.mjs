/** A node changes its authenticator. */
import assert from 'node:assert/strict'
import { nodeInTrouble, whatARestartCosts } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'another authenticator',
  about:
    'One node goes from PasswordAuthenticator to SCRAM, or back, by an orderly restart. `migrate` then counts it for the other way.',
  undo: 'The next time: another node changes, so both ways are in use at any time.',
  touches: ['nodes'],
  explains: { 'logged in': { channel: 'exchange', node: 'chosen', outcome: ['success'], each: 'user' } },
  allows: nodeInTrouble,
  controlMayFail: whatARestartCosts,
  async run(lab, random) {
    // At least one node stays on each way.
    const scram = lab.asks.filter((way) => way === 'scram').length
    const to = scram === 1 ? 'scram' : 'password'
    const candidates = [0, 1, 2].filter((index) => lab.asks[index] !== to)
    const { index } = lab.chooseNode(candidates[random.below(candidates.length)] ?? 0)
    await lab.ask(index, to)
    await lab.seen('logged in')
    await lab.healed()
    const expected = lab.asks.filter((way) => way === 'scram').length
    await lab.until(
      async () => Object.values(await lab.statuses()).every(({ counts }) => counts['new-way'] === expected),
      () => `migrate does not count ${expected} nodes on the new way`,
    )
    for (const { counts, sentence } of Object.values(await lab.statuses()))
      assert.equal(counts['old-way'], 3 - expected, sentence)
  },
}
