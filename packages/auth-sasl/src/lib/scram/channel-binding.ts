import type { ChannelBindingType, ExchangeContext } from '@x/auth-core/base'
import { saslError } from '../../errors.js'
import type { ScramCredentials } from './scram-credentials.js'

/** As libpq calls them. */
export type ChannelBindingPolicy = 'prefer' | 'require' | 'off'

/** What the messages of one login say about its connection. */
export interface Binding {
  /** RFC 5802 §7: gs2-header. */
  readonly gs2Header: string
  /** `c=` and the base64 of cbind-input: the header, and behind it the data that the login is bound to. */
  readonly attribute: string
}

/**
 * RFC 5802 §6. `p=`: bound. `y`: we could bind and believe that the server cannot. A server that can then knows that
 * somebody removed its PLUS. Also if only this connection has no binding, because the other end decides about that.
 * `n`: we cannot. Throws CHANNEL_BINDING_UNSEEN, CHANNEL_BINDING_UNAVAILABLE.
 */
export function bindingOf(
  { gs2Header, bindingAttribute }: ScramCredentials,
  context: ExchangeContext,
  policy: ChannelBindingPolicy,
  type: ChannelBindingType,
): Binding {
  const data = policy === 'off' ? undefined : context.channelBinding?.(type)
  if (policy !== 'require') {
    return data === undefined ? { gs2Header, attribute: bindingAttribute } : bound('y', gs2Header)
  }
  if (data) return bound(`p=${type}`, gs2Header, data)
  if (data === undefined) throw saslError('CHANNEL_BINDING_UNSEEN')
  throw saslError(
    'CHANNEL_BINDING_UNAVAILABLE',
    `The TLS connection has no channel binding of the type ${type}.`,
  )
}

function bound(flag: string, unbound: string, data: Uint8Array = Buffer.alloc(0)): Binding {
  const gs2Header = `${flag}${unbound.slice(1)}`
  const input = Buffer.concat([Buffer.from(gs2Header), data])
  return { gs2Header, attribute: `c=${input.toString('base64')}` }
}
