import { authError, finish, type OneWayMechanism, optionBag } from '@x/auth-core/base'
import { parseAuthorizationId } from '../lib/authorization-id.js'
import { utf8 } from '../lib/bytes.js'
import type { MechanismRow } from '../mechanism-row.js'

/** EXTERNAL needs no credentials: the server knows the client by other means, such as its TLS certificate. */
export interface ExternalCredentials {
  /** The role to act as. Default: the one that the server derives from the certificate. */
  readonly authorizationId?: string | undefined
}

/**
 * EXTERNAL (RFC 4422 appendix A): the server knows the client from outside the exchange, in practice by its
 * certificate.
 * Errors: CREDENTIALS_INVALID, UNEXPECTED_CHALLENGE.
 */
export const external: OneWayMechanism<string> = {
  name: 'EXTERNAL',
  clientFirst: true,
  mutual: false,
  cleartext: false,
  spec: 'RFC 4422',

  parseCredentials: (value) =>
    parseAuthorizationId((value as ExternalCredentials | undefined)?.authorizationId),

  async *converse(authorizationId) {
    const message = utf8(authorizationId)
    const challenge = yield finish(message)
    // RFC 4422 §A.1: if the empty first message counts as none, the server asks with an empty challenge.
    if (message.length > 0 || (challenge?.length ?? 0) > 0) throw authError('UNEXPECTED_CHALLENGE')
    yield finish(message)
  },
}

const row: MechanismRow<'EXTERNAL', ExternalCredentials> = {
  name: 'EXTERNAL',
  credentials: { authorizationId: true },
  options: optionBag('EXTERNAL', {}),
  provider: {},
  create: () => external,
}

export const rows = { EXTERNAL: row }
