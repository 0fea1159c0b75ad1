import { saslError } from '../../errors.js'
import { quotable } from '../bytes.js'
import { asKerberosModule, type KerberosModule } from './kerberos-module.js'

/**
 * npm `kerberos`, as it is installed with this package; `load` replaces `require` if the package is elsewhere.
 * Errors: KERBEROS_NOT_INSTALLED, KERBEROS_NOT_BUILT, KERBEROS_LIBRARY_MISSING.
 */
export function loadKerberos(load?: () => unknown): KerberosModule {
  let found: unknown
  try {
    // Within try, and by its name: this shows bundlers that the package is optional.
    found = load ? load() : require('kerberos')
  } catch (cause) {
    throw notLoaded(cause)
  }
  const module = asKerberosModule(found)
  if (module) return module
  throw saslError(
    'KERBEROS_NOT_INSTALLED',
    'The package kerberos that is installed is not the one of MongoDB, or older than 2.',
  )
}

/**
 * Whether the package itself is missing, its native part, or the libraries below that. A package that is not built reports that
 * `../build/Debug/kerberos.node` is missing, with the same code as a package that is not there.
 */
function notLoaded(cause: unknown) {
  const { code, message = 'it gave no reason' } = (cause ?? {}) as { code?: unknown; message?: string }
  const said = `${quotable(message.split('\n')[0])}.`
  if (/Opening library|lib(?:gssapi_krb5|krb5|com_err)\.so/.test(message)) {
    return saslError('KERBEROS_LIBRARY_MISSING', `The libraries of Kerberos cannot be loaded: ${said}`, {
      cause,
    })
  }
  const missing = code === 'MODULE_NOT_FOUND' && message.includes("'kerberos'")
  if (missing) return saslError('KERBEROS_NOT_INSTALLED', undefined, { cause })
  return saslError('KERBEROS_NOT_BUILT', `The package kerberos is installed and cannot be loaded: ${said}`, {
    cause,
  })
}
