import { randomUUID } from 'node:crypto'
import { types } from 'node:util'
import { plain, Secret } from '@x/auth-core/base'
import { textHash } from '../digest/digest.js'
import { gs2HeaderOf, saslName } from '../sasl-name.js'
import { saslprep } from '../saslprep.js'

/** Credentials of SCRAM, checked, prepared and escaped. */
export interface ScramCredentials {
  /** Prepared. */
  readonly username: string
  /** RFC 5802 §7: `n=` and the user name as it is written in messages. */
  readonly nameAttribute: string
  /** RFC 5801 §4, with the authorization id if there is one. */
  readonly gs2Header: string
  /** RFC 5802 §5.1: the GS2 header as it comes back in the last message, `c=` before it. */
  readonly bindingAttribute: string
  /** Prepared. */
  readonly password: Secret
  /** Digest that stands for the password where a name of it is needed. */
  readonly fingerprint: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

type Fields = Readonly<Record<string, unknown>>

const sha256 = textHash('sha256')
const fieldNames = ['username', 'password', 'authorizationId'] as const

/** Parses credentials for one mechanism, and recognises an object that it has parsed and that has not changed since. */
export class ScramCredentialParser {
  readonly #parsed = new WeakMap<object, { readonly fields: Fields; readonly result: ScramCredentials }>()
  /** Makes fingerprints useless outside this mechanism. */
  readonly #pepper = randomUUID()

  /** Throws CREDENTIALS_INVALID and SASLPREP_PROHIBITED. */
  parse(value: unknown): ScramCredentials {
    const known = this.#parsed.get(value as object)
    if (known && fieldNames.every((name) => (value as Fields)[name] === known.fields[name])) {
      const expiresAt = endOf(value)
      return expiresAt === known.result.expiresAt ? known.result : { ...known.result, expiresAt }
    }
    const result = this.#prepare(value)
    const { username, password, authorizationId } = value as Fields
    this.#parsed.set(value as object, { fields: { username, password, authorizationId }, result })
    return result
  }

  /** RFC 5802 §5.1: the user name is prepared as a query; §2.2: the password is normalised as a stored string. */
  #prepare(value: unknown): ScramCredentials {
    const checked = plain.parseCredentials(value)
    const username = saslprep(checked.username, 'username', 'query')
    const password = checked.password.use((text) => saslprep(text, 'password', 'stored'))
    const gs2Header = gs2HeaderOf(checked.authorizationId)
    return {
      username,
      nameAttribute: `n=${saslName(username)}`,
      gs2Header,
      bindingAttribute: `c=${Buffer.from(gs2Header).toString('base64')}`,
      password: new Secret(password),
      fingerprint: sha256(`${this.#pepper}${password}`),
      expiresAt: endOf(value),
    }
  }
}

/** A Date that is a new object at each read has the same value. */
function endOf(value: unknown): number {
  const { expiresAt } = value as Fields
  return types.isDate(expiresAt) ? expiresAt.getTime() : Number.POSITIVE_INFINITY
}
