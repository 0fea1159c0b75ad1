import { randomBytes, randomFillSync } from 'node:crypto'

/** Nonces of some two hundred logins. */
const poolSize = 4_096
let pool: Buffer | undefined
let used = poolSize

/**
 * Random bytes for nonces. Asking the system for each would take longer than all the hashes of a login: 5 µs, against 0.2 µs
 * from a pool, which is what Node's randomUUID does too. What is handed out is wiped from the pool.
 */
export function pooledRandomBytes(size: number): Uint8Array {
  if (size > poolSize / 16) return randomBytes(size)
  pool ??= Buffer.alloc(poolSize)
  if (used + size > poolSize) {
    randomFillSync(pool)
    used = 0
  }
  const bytes = Buffer.from(pool.subarray(used, used + size))
  pool.fill(0, used, used + size)
  used += size
  return bytes
}
