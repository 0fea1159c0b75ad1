/** The clients get another certificate. */
import { cutWhileLoggingIn } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'a client certificate',
  about:
    'A new key and certificate for the clients, of either CA, RSA or ECDSA, by a swapped link; then new connections to all nodes.',
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
