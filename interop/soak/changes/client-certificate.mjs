/** The clients get another certificate. */
import { cutWhileLoggingIn } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'a client certificate',
  about:
    'The clients get a new key and certificate, of either CA, RSA or ECDSA, by a symbolic link that changes. Then they connect to all nodes again.',
  undo: 'Nothing: the new certificate stays.',
  touches: ['certificates'],
  explains: {
    rotated: { channel: 'rotation', outcome: ['rotated'] },
    'logged in': { channel: 'exchange', outcome: ['success'], each: 'node' },
  },
  allows: [{ channel: 'rotation', outcome: ['waiting'] }, cutWhileLoggingIn],
  controlMayFail: null,
  async run(lab, random) {
    const authority = random.below(2) === 0 ? 0 : 1
    const pair = await lab.material.clientPair(authority, random.below(2) === 0 ? 'ec' : 'rsa')
    lab.updateClientFiles(pair)
    await lab.seen('rotated')
    lab.mark()
    await lab.cut()
    await lab.seen('logged in')
  },
}
