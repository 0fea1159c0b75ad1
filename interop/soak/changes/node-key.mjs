/** The nodes get another kind of key. */
import assert from 'node:assert/strict'
import { cutWhileLoggingIn } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'RSA and ECDSA keys of nodes',
  about:
    'The certificates of the nodes go from ECDSA to RSA, or back: each node gets the new file, and then `nodetool reloadssl`.',
  undo: 'The next time: the keys go back and forth.',
  touches: ['nodes'],
  // The client must only see that its logins continue.
  explains: { 'logged in': { channel: 'exchange', outcome: ['success'], each: 'node' } },
  allows: [cutWhileLoggingIn],
  controlMayFail: null,
  async run(lab) {
    const keyType = lab.material.nodes.keyType === 'ec' ? 'rsa' : 'ec'
    await lab.material.publishNodes({ keyType })
    await lab.reloadCertificates()
    for (const node of [0, 1, 2]) assert.equal((await lab.certificateOf(node)).key, keyType)
    lab.mark()
    await lab.cut()
    await lab.seen('logged in')
  },
}
