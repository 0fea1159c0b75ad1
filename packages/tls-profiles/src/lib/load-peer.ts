import { TlsError } from '../errors.js'

/**
 * Loads an optional package on first use, synchronously, because a profile is complete when its constructor returns. An
 * error inside the package is thrown unchanged. Errors: PACKAGE_MISSING.
 */
export function loadPeer<T>(name: 'node-forge', purpose: string): T {
  try {
    return require(name) as T
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw cause
    const problem = `Reading ${purpose} needs the package ${name} (npm install ${name}).`
    throw new TlsError('PACKAGE_MISSING', problem, { cause })
  }
}
