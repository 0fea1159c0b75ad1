import { authError } from '../errors.js'

/**
 * The module of a package that few users need, loaded when it is needed.
 * Errors: PACKAGE_MISSING, which names the package and what needs it.
 */
export async function loadPackage<M>(name: string, needs: string, load: () => Promise<M>): Promise<M> {
  try {
    return await load()
  } catch (error) {
    if (!isMissing(error, name)) throw error
    throw authError('PACKAGE_MISSING', `${needs} needs the package ${name}: npm install ${name}.`)
  }
}

/** The package itself is missing, not one of its own dependencies. */
function isMissing(error: unknown, name: string): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  const notFound = code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND'
  return notFound && typeof message === 'string' && message.includes(`'${name}'`)
}
