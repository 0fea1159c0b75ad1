/** Debian's apt-get, one at a time: CI stages that run at the same time would fail at its locks. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Returns a command and its arguments. It waits for our other calls, and for any other process that holds the lock of
 * dpkg.
 * @param {string[]} args of apt-get
 * @returns {[command: string, args: string[]]}
 */
export function aptGet(...args) {
  const lock = join(tmpdir(), 'x-auth-apt.lock')
  return ['flock', [lock, 'apt-get', '-o', 'DPkg::Lock::Timeout=300', ...args]]
}
