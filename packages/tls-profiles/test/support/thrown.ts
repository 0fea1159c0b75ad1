import { isTlsError, type TlsError } from '../../src/index.js'

/** The TlsError that `action` throws. */
export function thrown(action: () => unknown): TlsError {
  try {
    action()
  } catch (error) {
    if (isTlsError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
