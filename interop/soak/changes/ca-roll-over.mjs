/** The nodes change their CA. */
import assert from 'node:assert/strict'
import { cutWhileLoggingIn } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'a CA rolled over',
  about:
    'Clients trust both CAs. The nodes get certificates of the other CA, by `nodetool reloadssl`. Then clients trust only that CA.',
  undo: 'The next time: the CAs take turns.',
  touches: ['nodes', 'certificates'],
  explains: {
    'both trusted': { channel: 'rotation', outcome: ['rotated'] },
    'one trusted': { channel: 'rotation', outcome: ['rotated'] },
    'logged in': { channel: 'exchange', outcome: ['success'], each: 'node' },
  },
  allows: [{ channel: 'rotation', outcome: ['waiting'] }, cutWhileLoggingIn],
  controlMayFail: null,
  async run(lab) {
    const { material } = lab
    const next = material.nodes.authority === 0 ? 1 : 0
    lab.updateClientFiles({ 'ca.crt': material.bothCas })
    await lab.seen('both trusted')
    await material.publishNodes({ authority: next })
    await lab.reloadCertificates()
    lab.mark()
    lab.updateClientFiles({ 'ca.crt': material.ca(next) })
    await lab.seen('one trusted')
    for (const node of [0, 1, 2])
      assert.equal((await lab.certificateOf(node)).issuer, next === 0 ? 'The first CA' : 'The second CA')
    lab.mark()
    await lab.cut()
    await lab.seen('logged in')
  },
}
