import type { CredentialContext } from '@x/auth-core'
import { callback, optionBag, readOptions, required, type Spec } from '@x/auth-core/base'
import { clientOf, oidcOptions, targetOptions } from '../lib/connection.js'
import { DeviceSession } from '../lib/device-session.js'
import type { OidcOptions, SignInPrompt, TokenSource, TokenTarget } from '../oidc-options.js'

export interface DeviceCodeOptions extends OidcOptions, TokenTarget {
  /**
   * Shows the person where to sign in. If it fails, at once or later, so does the sign-in; it is not waited for. `scope: 'openid offline_access'` lets later tokens come without them, at many
   * servers.
   */
  readonly prompt: (prompt: SignInPrompt) => void | Promise<void>
}

/** Tokens of a person at a terminal. */
export interface DeviceCodeSource extends TokenSource {
  /**
   * Has the person sign in, unless there is a token already: `await source.signIn()` before `client.connect()`, since a login waits for
   * seconds, and a person takes minutes. `signal` ends the sign-in, unless a login or another call waits for it as well.
   */
  signIn(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** Ends a sign-in that is under way, and forgets the tokens. */
  close(): void
}

export const deviceCodeBag = optionBag('deviceCode', {
  ...oidcOptions,
  ...targetOptions,
  prompt: required(callback<DeviceCodeOptions['prompt']>('a function that shows the address and the code')),
} satisfies Spec<DeviceCodeOptions>)

/**
 * A person signs in on another device (RFC 8628), once: later tokens come by the refresh token, where the server gives one. The
 * source keeps its token while it lives; `cached` around it renews ahead.
 * Errors: OPTION_INVALID, OPTIONS_CONTRADICT; at a login or at `signIn` those of this package.
 */
export function deviceCode(options: DeviceCodeOptions): DeviceCodeSource {
  const read = readOptions(deviceCodeBag, options)
  const { scope, audience, resource, prompt, clock } = read
  const client = clientOf('deviceCode', read)
  const target = { scope, audience, resource }
  const session = new DeviceSession({ client, target, prompt, clock })

  return Object.assign((context: CredentialContext) => session.ask(context), {
    signIn: async ({ signal }: { readonly signal?: AbortSignal | undefined } = {}) => session.signIn(signal),
    close: () => session.close(),
  })
}
