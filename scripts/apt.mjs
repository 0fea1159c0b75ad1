/** apt-get of Debian, one at a time: stages of CI that run side by side would meet at its locks. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A command and its arguments; it waits for those of ours, and for anybody else who has the lock of dpkg.
 * @param {string[]} args of apt-get
 * @returns {[command: string, args: string[]]}
 */
export function aptGet(...args) {
  const lock = join(tmpdir(), 'x-auth-apt.lock')
  return ['flock', [lock, 'apt-get', '-o', 'DPkg::Lock::Timeout=300', ...args]]
}
