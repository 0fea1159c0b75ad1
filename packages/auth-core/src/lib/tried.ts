/**
 * What `look` returns, and undefined where it throws: whatever a stranger has thrown may be a proxy, also one that is revoked,
 * and each of its properties a getter.
 */
export function tried<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
