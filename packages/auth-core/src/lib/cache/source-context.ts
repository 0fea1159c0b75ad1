import type { CredentialContext } from '../../credentials.js'

/** What a cache keeps of the login that asked. */
export interface AskingLogin {
  readonly endpoint: string
  readonly address: string
  readonly port: number
  readonly authenticator: string
  /** Tells a cache around this one what the answer depends on. */
  readonly looked?: ((at: Aspect) => void) | undefined
}

/** What an answer of a source can be for: one server, or all servers with one class name. */
export type Aspect = 'endpoint' | 'authenticator'

/** The key of an entry that serves all logins. */
export const shared = 'shared'

/** An answer that is for another login: ask the entry of yours. */
export const elsewhere = Symbol('elsewhere')

/** The login behind each context that notices what the source reads. */
const logins = new WeakMap<object, AskingLogin>()

const aspects = {
  endpoint: 'endpoint',
  address: 'endpoint',
  port: 'endpoint',
  authenticator: 'authenticator',
} as const satisfies Readonly<Record<string, Aspect>>

/**
 * What a cache hands to its source: the login that asked, and what else it has to say. `looked` is called when somebody
 * reads which server the connection goes to, or the class name that the server sent: the answer may then be for that
 * alone.
 */
export function sourceContext(
  login: AskingLogin,
  more: Pick<CredentialContext, 'signal' | 'forceRefresh' | 'refusal' | 'watch'>,
  looked: (at: Aspect) => void,
): CredentialContext {
  const context = { ...more }
  for (const name of Object.keys(aspects) as (keyof typeof aspects)[]) {
    // Own and enumerable: a wrapper may spread it, and that counts as a look.
    const get = () => {
      looked(aspects[name])
      return login[name]
    }
    Object.defineProperty(context, name, { enumerable: true, configurable: true, get })
  }
  logins.set(context, { ...login, looked })
  return context as unknown as CredentialContext
}

/** The login behind a context. Does not count as a look at the connection. */
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
