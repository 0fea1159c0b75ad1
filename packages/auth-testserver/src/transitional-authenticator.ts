import type { Reply, ServerAuthenticator } from './authenticator.js'
import { classNameOption, tableOption } from './lib/options/common-options.js'
import {
  initially,
  optionBag,
  readOptions,
  refuseMore,
  required,
  type Spec,
} from './lib/options/option-spec.js'
import { authenticate, splitPlain, type Users } from './password-authenticator.js'

/** Options of `transitionalAuthenticator`. */
export interface TransitionalAuthenticatorOptions {
  /** The users who log in under their own name. */
  users: Users
  /**
   * The class name that is sent in AUTHENTICATE. Default `com.scylladb.auth.TransitionalAuthenticator`; DSE 4 had one
   * in `com.datastax.bdp.cassandra.auth`.
   */
  className?: string | undefined
}

export const transitionalAuthenticatorBag = optionBag('transitionalAuthenticator', {
  users: required(tableOption),
  className: initially('com.scylladb.auth.TransitionalAuthenticator', classNameOption, "ScyllaDB's own."),
} satisfies Spec<TransitionalAuthenticatorOptions>)

/** The user name of clients that are accepted without a valid login. */
export const anonymous = { success: null, username: 'anonymous' } as const

/** ScyllaDB's TransitionalAuthenticator: the right user name and password log in, everybody else is anonymous. */
export function transitionalAuthenticator(options: TransitionalAuthenticatorOptions): ServerAuthenticator
export function transitionalAuthenticator(
  options: TransitionalAuthenticatorOptions,
  ...more: readonly unknown[]
): ServerAuthenticator {
  refuseMore('transitionalAuthenticator', more)
  const { users, className } = readOptions(transitionalAuthenticatorBag, options)
  const login = (username: string, password: string): Reply => {
    const reply = authenticate(users, username, password)
    return 'success' in reply ? reply : anonymous
  }
  return {
    name: className,
    newExchange: () => ({
      respond(token) {
        const parts = splitPlain(token)
        if ('failure' in parts) return token === null ? parts : anonymous
        return login(parts.username, parts.password)
      },
      credentials: (credentials) =>
        login(credentials.get('username') ?? '', credentials.get('password') ?? ''),
    }),
  }
}

/** Whether it is a PLAIN message in which everything is empty. */
export function isBlank(token: Uint8Array): boolean {
  return Buffer.from(token).equals(Buffer.of(0, 0))
}
