import type { ConnectionInfo, Reply, ServerAuthenticator, ServerExchange } from './authenticator.js'
import type { Users } from './password-authenticator.js'
import { authenticate, splitPlain } from './password-authenticator.js'
import { anonymous, isBlank } from './transitional-authenticator.js'

/** Starts the server side of one SASL mechanism for one login. */
export type MechanismFactory = (connection: ConnectionInfo) => ServerExchange

/** Options of `dseAuthenticator`. */
export interface DseAuthenticatorOptions {
  /** Users of PLAIN. Default none. */
  users?: Users
  /**
   * Mechanisms by name, beside or instead of PLAIN: the client names one in its first message, is challenged with
   * `<name>-START`, and what it sends then goes to the mechanism.
   */
  mechanisms?: Readonly<Record<string, MechanismFactory>>
  /** Whether `username` may log in as `authorizationId` (proxy login). Default: only as itself. */
  mayProxy?: (username: string, authorizationId: string) => boolean
  /**
   * DSE's transitional_mode, for PLAIN. `permissive`: superusers log in, everybody else is anonymous. `normal`: whoever gives
   * the right password logs in, everybody else is anonymous. `strict`: a blank user name and password are anonymous, a
   * wrong password is refused. Default: none, `disabled`.
   */
  transitional?: DseTransitionalMode
  /** Who logs in under `permissive`. Default none. */
  superusers?: readonly string[]
  /** Default `com.datastax.bdp.cassandra.auth.DseAuthenticator`, by which DSE's drivers know to negotiate. */
  className?: string
}

/** The values of transitional_mode in dse.yaml, without `disabled`. */
export type DseTransitionalMode = 'permissive' | 'normal' | 'strict'

/** DSE does not say what was wrong: a password, a role, or a permission to log in as another. */
const refusal = { failure: 'Failed to login. Please re-try.' } as const

/**
 * DSE's DseAuthenticator: the client's first message names a SASL mechanism. A first message with a NUL in it is
 * taken for a whole PLAIN message, as of clients that know PasswordAuthenticator only; the same goes for CREDENTIALS
 * of protocol v1.
 */
export function dseAuthenticator(options: DseAuthenticatorOptions): ServerAuthenticator {
  const {
    users = {},
    mechanisms = {},
    className = 'com.datastax.bdp.cassandra.auth.DseAuthenticator',
  } = options
  const plain = (token: Uint8Array | null) => inTransition(options, token, proxyLogin(options, token))
  const known: Readonly<Record<string, MechanismFactory>> = {
    PLAIN: () => ({ respond: plain }),
    ...mechanisms,
  }
  return {
    name: className,
    newExchange(connection) {
      let chosen: ServerExchange | undefined
      return {
        respond(token) {
          if (chosen !== undefined) return chosen.respond(token)
          const name = Buffer.from(token ?? []).toString('utf8')
          const factory = Object.hasOwn(known, name) ? known[name] : undefined
          if (factory !== undefined) {
            chosen = factory(connection)
            return { challenge: Buffer.from(`${name}-START`) }
          }
          return token?.includes(0)
            ? plain(token)
            : { failure: `Unsupported SASL mechanism: ${printable(name)}` }
        },
        credentials: (credentials) =>
          said(authenticate(users, credentials.get('username') ?? '', credentials.get('password') ?? '')),
      }
    },
  }
}

function proxyLogin(
  { users = {}, mayProxy = itself }: DseAuthenticatorOptions,
  token: Uint8Array | null,
): Reply {
  const parts = splitPlain(token)
  if ('failure' in parts) return parts
  const reply = authenticate(users, parts.username, parts.password)
  const { authorizationId } = parts
  if (!('success' in reply) || authorizationId === '') return said(reply)
  return mayProxy(parts.username, authorizationId) ? { success: null, username: authorizationId } : refusal
}

function itself(username: string, authorizationId: string): boolean {
  return username === authorizationId
}

function inTransition(
  { transitional, superusers = [] }: DseAuthenticatorOptions,
  token: Uint8Array | null,
  reply: Reply,
): Reply {
  if (transitional === undefined || token === null) return reply
  if (transitional === 'strict') return isBlank(token) ? anonymous : reply
  if (!('success' in reply)) return anonymous
  return transitional === 'normal' || superusers.includes(reply.username) ? reply : anonymous
}

function said(reply: Reply): Reply {
  return 'failure' in reply ? refusal : reply
}

/** A name that came from a client, fit for an error message. */
function printable(name: string): string {
  return name.slice(0, 64).replaceAll(/[^\x20-\x7e]/g, '?')
}
