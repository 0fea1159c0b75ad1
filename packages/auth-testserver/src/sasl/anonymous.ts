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
  /** Takes a first message of zero bytes for none and asks with an empty challenge, as some libraries do. Default false. */
  asksAgain?: boolean | undefined
}

export const asksAgainOption: Option<boolean, boolean> = initially(
  false,
  flag,
  'The first message has all that there is to say.',
)

export const anonymousServerBag = optionBag('anonymousServer', {
  asksAgain: asksAgainOption,
} satisfies Spec<AskAgainOptions>)

/** ANONYMOUS (RFC 4505): anyone who asks is let in, as `anonymous`, or `anonymous:` and the trace. */
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

/** A mechanism in which all that the client says is one text, or nothing. */
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
