/** The certificate of the clients changes in the same files. */
import { realpathSync, writeFileSync } from 'node:fs'
import { cutWhileLoggingIn } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'a certificate, same file rewritten',
  about:
    'New key and certificate of the clients overwrite the old files, one after the other, as a script with `cp` does it.',
  undo: 'Nothing: the new certificate stays.',
  touches: ['certificates'],
  explains: {
    rotated: { channel: 'rotation', outcome: ['rotated'] },
    'logged in': { channel: 'exchange', outcome: ['success'], each: 'node' },
  },
  // Between the two writes, the files do not match.
  allows: [{ channel: 'rotation', outcome: ['waiting', 'kept'] }, cutWhileLoggingIn],
  controlMayFail: null,
  async run(lab) {
    const { volume } = lab.material
    for (const [name, text] of Object.entries(await lab.material.clientPair(0, 'ec')))
      writeFileSync(realpathSync(volume.path(name)), text)
    await lab.seen('rotated')
    lab.mark()
    await lab.cut()
    await lab.seen('logged in')
  },
}
