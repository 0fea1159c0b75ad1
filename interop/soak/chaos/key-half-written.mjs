/** A private key is written slowly. */
import { realpathSync, writeFileSync } from 'node:fs'
import { cutWhileLoggingIn } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'a key half written',
  about:
    'A new certificate and half of its key replace the old ones. The profile keeps the last good pair, and logins continue with it. Then the key becomes complete.',
  undo: 'The complete key.',
  touches: ['certificates'],
  explains: {
    kept: { channel: 'rotation', outcome: ['kept'] },
    'logged in with the last good': { channel: 'exchange', outcome: ['success'], each: 'node' },
    rotated: { channel: 'rotation', outcome: ['rotated'] },
    'logged in': { channel: 'exchange', outcome: ['success'], each: 'node' },
  },
  allows: [{ channel: 'rotation', outcome: ['waiting', 'kept'] }, cutWhileLoggingIn],
  controlMayFail: null,
  async run(lab) {
    const { volume } = lab.material
    const pair = await lab.material.clientPair(0, 'ec')
    const write = (/** @type {'tls.crt' | 'tls.key'} */ name, /** @type {string} */ text) =>
      writeFileSync(realpathSync(volume.path(name)), text)
    write('tls.crt', pair['tls.crt'])
    write('tls.key', pair['tls.key'].slice(0, 100))
    await lab.seen('kept')
    lab.mark()
    await lab.cut()
    await lab.seen('logged in with the last good')
    lab.mark()
    write('tls.key', pair['tls.key'])
    await lab.seen('rotated')
    lab.mark()
    await lab.cut()
    await lab.seen('logged in')
  },
}
