/**
 * What `look` returns, and undefined if it throws: a thrown value of another library may be a proxy, even a revoked
 * one, and each of its properties may be a getter.
 */
export function tried<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
