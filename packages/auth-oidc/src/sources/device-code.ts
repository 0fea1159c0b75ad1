import type { CredentialContext } from '@x/auth-core'
import { callback, optionBag, readOptions, refuseMore, required, type Spec, some } from '@x/auth-core/base'
import { clientOf, oidcOptions, targetOptions } from '../lib/connection.js'
import { DeviceSession } from '../lib/device-session.js'
import type { OidcOptions, SignInPrompt, TokenSource, TokenTarget } from '../oidc-options.js'

export interface DeviceCodeOptions extends OidcOptions, TokenTarget {
  /**
   * Shows the user where to sign in. If it fails, at once or later, the sign-in fails too; the sign-in does not wait
   * for it. At many servers, `scope: 'openid offline_access'` gives later tokens without the user.
   */
  readonly prompt: (prompt: SignInPrompt) => void | Promise<void>
}

/** Options of `signIn`. */
export interface SignInOptions {
  readonly signal?: AbortSignal | undefined
}

/** Tokens of a user at a terminal. */
export interface DeviceCodeSource extends TokenSource {
  /**
   * Asks the user to sign in, unless there is a token already. Call `await source.signIn()` before `client.connect()`:
   * a login waits for seconds, and a user needs minutes. `signal` ends the sign-in, unless a login or another call
   * waits for it too.
   */
  signIn(options?: SignInOptions): Promise<void>
  /** Ends a sign-in that is under way, and forgets the tokens. */
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
 * A user signs in on another device (RFC 8628), once: later tokens come by the refresh token, if the server gives one.
 * The source keeps its token until it expires; `cached` around it renews it ahead.
 * Errors: OPTION_INVALID, OPTIONS_CONTRADICT; at a login or at `signIn` those of this package.
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

/** By its shape: a test runner has an AbortSignal of its own. */
function isSignal(value: unknown): boolean {
  const { aborted, throwIfAborted, addEventListener } = (value ?? {}) as Partial<AbortSignal>
  return (
    typeof aborted === 'boolean' &&
    typeof throwIfAborted === 'function' &&
    typeof addEventListener === 'function'
  )
}
