import type { ConnectionInfo, Reply, ServerAuthenticator, ServerExchange } from './authenticator.js'
import { classNameOption, functionsOption, tableOption, textsOption } from './lib/options/common-options.js'
import {
  callback,
  initially,
  oneOf,
  optionBag,
  type Read,
  readOptions,
  refuseMore,
  type Spec,
} from './lib/options/option-spec.js'
import type { Users } from './password-authenticator.js'
import { authenticate, splitPlain } from './password-authenticator.js'
import { anonymous, isBlank } from './transitional-authenticator.js'

/** Starts the server side of one SASL mechanism for one login. */
export type MechanismFactory = (connection: ConnectionInfo) => ServerExchange

/** Options of `dseAuthenticator`. */
export interface DseAuthenticatorOptions {
  /** Users of PLAIN. Default none. */
  users?: Users | undefined
  /**
   * Mechanisms by name, in addition to PLAIN; the name `PLAIN` replaces it. The client names one in its first message
   * and gets the challenge `<name>-START`. Its next messages go to the mechanism.
   */
  mechanisms?: Readonly<Record<string, MechanismFactory>> | undefined
  /** Whether `username` may log in as `authorizationId` (proxy login). Default: only as itself. */
  mayProxy?: ((username: string, authorizationId: string) => boolean) | undefined
  /**
   * DSE's transitional_mode, for PLAIN. `permissive`: superusers log in, everybody else is anonymous. `normal`: anyone
   * who gives the right password logs in, everybody else is anonymous. `strict`: an empty user name and password are
   * anonymous, a wrong password is refused. Default: `disabled`.
   */
  transitional?: DseTransitionalMode | undefined
  /** The users who log in with `permissive`. Default none. */
  superusers?: readonly string[] | undefined
  /**
   * The class name that is sent in AUTHENTICATE. Default `com.datastax.bdp.cassandra.auth.DseAuthenticator`: DSE's
   * drivers negotiate if they see it.
   */
  className?: string | undefined
}

/** The values of transitional_mode in dse.yaml, without `disabled`. */
export type DseTransitionalMode = 'permissive' | 'normal' | 'strict'

export const dseAuthenticatorBag = optionBag('dseAuthenticator', {
  users: initially({}, tableOption, 'Other mechanisms need no users.', 'none'),
  mechanisms: initially(
    {},
    functionsOption<MechanismFactory>('mechanisms by name'),
    'They are added to PLAIN, which is always there.',
    'none',
  ),
  mayProxy: initially(
    itself,
    callback<NonNullable<DseAuthenticatorOptions['mayProxy']>>(),
    'DSE: a role acts as itself until it is granted more.',
    'only as itself',
  ),
  transitional: oneOf('permissive', 'normal', 'strict'),
  superusers: initially([], textsOption('a list of user names'), 'Nobody.'),
  className: initially(
    'com.datastax.bdp.cassandra.auth.DseAuthenticator',
    classNameOption,
    "The drivers recognize DSE's own class.",
  ),
} satisfies Spec<DseAuthenticatorOptions>)

type CheckedOptions = Read<typeof dseAuthenticatorBag.options>

/** DSE does not say what was wrong: the password, the role, or the permission to log in as another role. */
const refusal = { failure: 'Failed to login. Please re-try.' } as const

/**
 * DSE's DseAuthenticator. The client's first message names a SASL mechanism. A first message that contains a NUL is
 * read as a complete PLAIN message, from clients that know only PasswordAuthenticator. The same applies to CREDENTIALS
 * of protocol v1.
 */
export function dseAuthenticator(given: DseAuthenticatorOptions): ServerAuthenticator
export function dseAuthenticator(
  given: DseAuthenticatorOptions,
  ...more: readonly unknown[]
): ServerAuthenticator {
  refuseMore('dseAuthenticator', more)
  const options = readOptions(dseAuthenticatorBag, given)
  const { users, mechanisms, className } = options
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

function proxyLogin({ users, mayProxy }: CheckedOptions, token: Uint8Array | null): Reply {
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
  { transitional, superusers }: CheckedOptions,
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

/** A name from a client, in a form that is safe in an error message. */
function printable(name: string): string {
  return name.slice(0, 64).replaceAll(/[^\x20-\x7e]/g, '?')
}
