import type { CredentialContext } from '@x/auth-core'
import { callback, optionBag, readOptions, refuseMore, required, type Spec, some } from '@x/auth-core/base'
import { clientOf, oidcOptions, targetOptions } from '../lib/connection.js'
import { DeviceSession } from '../lib/device-session.js'
import type { OidcOptions, SignInPrompt, TokenSource, TokenTarget } from '../oidc-options.js'

export interface DeviceCodeOptions extends OidcOptions, TokenTarget {
  /**
   * Shows the user where to sign in. The sign-in does not wait for this function, but it fails if the function fails,
   * also later. At many servers `scope: 'openid offline_access'` lets the source get later tokens without the user.
   */
  readonly prompt: (prompt: SignInPrompt) => void | Promise<void>
}

/** Options of `signIn`. */
export interface SignInOptions {
  /** Ends the sign-in. Default: none. */
  readonly signal?: AbortSignal | undefined
}

/** Tokens of a user at a terminal. */
export interface DeviceCodeSource extends TokenSource {
  /**
   * Asks the user to sign in, unless there is a token already. Call `await source.signIn()` before `client.connect()`:
   * a login waits for seconds, and a user needs minutes. `signal` ends the sign-in, unless a login or another call also
   * waits for it.
   */
  signIn(options?: SignInOptions): Promise<void>
  /** Ends a sign-in that is under way, and forgets the tokens. Later logins fail with SOURCE_FAILED. */
  close(): void
}

const signInBag = optionBag('signIn', {
  signal: some<AbortSignal>('an AbortSignal', isSignal),
} satisfies Spec<SignInOptions>)

export const deviceCodeBag = optionBag('deviceCode', {
  ...oidcOptions,
  ...targetOptions,
  prompt: required(callback<DeviceCodeOptions['prompt']>('a function that shows the address and the code')),
} satisfies Spec<DeviceCodeOptions>)

/**
 * A user signs in once, on another device (RFC 8628). Later tokens come from the refresh token, if the server gives
 * one. The source keeps its token until it expires; `cached` around it renews it earlier.
 *
 * Errors: OPTION_INVALID, OPTIONS_CONTRADICT; at a login or at `signIn` the codes of this package, and SOURCE_FAILED
 * after `close`.
 */
export function deviceCode(options: DeviceCodeOptions): DeviceCodeSource
export function deviceCode(options: DeviceCodeOptions, ...more: readonly unknown[]): DeviceCodeSource {
  refuseMore('deviceCode', more)
  const read = readOptions(deviceCodeBag, options)
  const { scope, audience, resource, prompt, clock } = read
  const client = clientOf('deviceCode', read)
  const target = { scope, audience, resource }
  const session = new DeviceSession({ client, target, prompt, clock })

  return Object.assign((context: CredentialContext) => session.ask(context), {
    signIn: async (options: SignInOptions = {}, ...more: readonly unknown[]) => {
      refuseMore('signIn', more)
      await session.signIn(readOptions(signInBag, options).signal)
    },
    close: () => session.close(),
  })
}

/** Checks the shape, not the class, because a test runner may have its own AbortSignal class. */
function isSignal(value: unknown): boolean {
  const { aborted, throwIfAborted, addEventListener } = (value ?? {}) as Partial<AbortSignal>
  return (
    typeof aborted === 'boolean' &&
    typeof throwIfAborted === 'function' &&
    typeof addEventListener === 'function'
  )
}
