import type { Reply, ServerExchange } from '../authenticator.js'
import type { MechanismFactory } from '../dse-authenticator.js'
import {
  flag,
  initially,
  type Option,
  optionBag,
  readOptions,
  refuseMore,
  type Spec,
} from '../lib/options/option-spec.js'
import { refused } from './sasl-authenticator.js'

/** Options of `anonymousServer` and `externalServer`. */
export interface AskAgainOptions {
  /**
   * Whether a first message of zero bytes counts as no message: the server then asks with an empty challenge, as some
   * libraries do. Default false.
   */
  asksAgain?: boolean | undefined
}

export const asksAgainOption: Option<boolean, boolean> = initially(
  false,
  flag,
  'The first message contains everything.',
)

export const anonymousServerBag = optionBag('anonymousServer', {
  asksAgain: asksAgainOption,
} satisfies Spec<AskAgainOptions>)

/** ANONYMOUS (RFC 4505): every client logs in, as `anonymous`, or as `anonymous:` and its trace. */
export function anonymousServer(options?: AskAgainOptions): MechanismFactory
export function anonymousServer(options?: AskAgainOptions, ...more: readonly unknown[]): MechanismFactory {
  refuseMore('anonymousServer', more)
  const { asksAgain } = readOptions(anonymousServerBag, options)
  return () =>
    oneMessage(asksAgain, (trace) => {
      // RFC 4505 §2: a token has at most 255 characters.
      if ([...trace].length > 255) return refused('The trace is too long')
      return { success: null, username: trace === '' ? 'anonymous' : `anonymous:${trace}` }
    })
}

/** A mechanism in which the client sends one text, or nothing. */
export function oneMessage(asksAgain: boolean, judge: (text: string) => Reply): ServerExchange {
  let asked = false
  return {
    respond(token) {
      if (token === null) return { failure: 'java.lang.NullPointerException', code: 0x0000 }
      if (asksAgain && !asked && token.length === 0) {
        asked = true
        return { challenge: Buffer.alloc(0) }
      }
      return judge(Buffer.from(token).toString('utf8'))
    },
  }
}
