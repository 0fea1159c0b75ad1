import { isAuthError } from '@x/auth-core/base'
import { vaultError } from '../errors.js'
import type { VaultClient } from './vault-client.js'
import { tokenOf, type VaultToken } from './vault-token.js'

/** Posts to `auth/MOUNT/login`. Errors: VAULT_LOGIN_REFUSED if Vault refuses, else those of a request. */
export async function loginAt(
  client: VaultClient,
  mount: string,
  body: object,
  signal: AbortSignal,
): Promise<VaultToken> {
  try {
    const path = `auth/${mount}/login`
    return tokenOf(await client.request({ method: 'POST', path, body, signal }), client.clock.now())
  } catch (error) {
    throw refused(error)
  }
}

/** The login methods differ: they refuse with 400, 401 or 403. A certificate that is not a client certificate gets 500. */
function refused(error: unknown): unknown {
  if (!isAuthError(error)) return error
  const { status = '', said } = error.details
  const unfit = status === '500' && said === "failed to verify client's certificate"
  if (!unfit && !['400', '401', '403'].includes(status)) return error
  const problem = `Vault refused the login${said === undefined ? '' : `: "${said}"`}.`
  return vaultError('VAULT_LOGIN_REFUSED', problem, { details: error.details })
}
