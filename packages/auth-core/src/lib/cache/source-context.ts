import type { CredentialContext } from '../../credentials.js'

/** What a cache keeps of the login that asked. */
export interface AskingLogin {
  readonly endpoint: string
  readonly address: string
  readonly port: number
  readonly authenticator: string
  /** Tells a cache around this one that the answer depends on the connection. */
  readonly looked?: (() => void) | undefined
}

/** What is behind the contexts that notice whether somebody looks at the connection. */
const logins = new WeakMap<object, AskingLogin>()

const ofConnection = ['endpoint', 'address', 'port'] as const

/**
 * What a cache hands to its source: the login that asked, and what else it has to say. `looked` is called when somebody
 * reads to which server the connection goes: the answer may then be for that server alone.
 */
export function sourceContext(
  login: AskingLogin,
  more: Pick<CredentialContext, 'signal' | 'forceRefresh' | 'refusal' | 'watch'>,
  looked: () => void,
): CredentialContext {
  const context = { authenticator: login.authenticator, ...more }
  for (const name of ofConnection) {
    // Own and enumerable: a wrapper may spread it, and has then looked.
    const get = () => {
      looked()
      return login[name]
    }
    Object.defineProperty(context, name, { enumerable: true, configurable: true, get })
  }
  logins.set(context, { ...login, looked })
  return context as unknown as CredentialContext
}

/** The login behind a context. Does not look at the connection on behalf of anybody. */
export function loginOf(context: CredentialContext): AskingLogin {
  const known = logins.get(context)
  if (known) return known
  const { endpoint, address, port, authenticator } = context
  return { endpoint, address, port, authenticator }
}

/** `extended` says the same of the connection. */
export function noteExtended(context: object, extended: object): void {
  const login = logins.get(context)
  if (login) logins.set(extended, login)
}
