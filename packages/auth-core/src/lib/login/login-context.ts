import type { LoginObserver } from '../../credentials.js'
import { parseEndpoint } from '../../endpoint.js'
import type { ChannelBindingType, ExchangeContext, ServerProof, SuccessToken } from '../../mechanism.js'
import { pooledRandomBytes } from '../pooled-random-bytes.js'

/** What a context reads from the login. */
export interface LoginContextParts {
  readonly endpoint: string
  readonly authenticator: string
  readonly makeSignal: () => AbortSignal
  readonly seesRefusals: boolean
  readonly observeLogin: (observer: LoginObserver) => void
  readonly now: () => number
  readonly verifyServer: (expected: Uint8Array, received: SuccessToken) => ServerProof
  readonly vouchForServer: () => ServerProof
  readonly channelBinding: (type: ChannelBindingType) => Uint8Array | null | undefined
}

/** What a login hands to its source and its mechanism. All properties are its own: a wrapper may spread it. */
export class LoginContext implements ExchangeContext {
  /**
   * An AbortController costs as much as the rest of a login, and hardly any login looks at its signal: so it is made at
   * the first read. One getter for all contexts, or V8 would make a hidden class for each.
   */
  static readonly #signal: PropertyDescriptor & ThisType<LoginContext> = {
    enumerable: true,
    get() {
      return this.#makeSignal()
    },
  }

  readonly endpoint: string
  readonly address: string
  readonly port: number
  readonly authenticator: string
  declare readonly signal: AbortSignal
  readonly seesRefusals: boolean
  readonly observeLogin: LoginContextParts['observeLogin']
  readonly now: LoginContextParts['now']
  readonly verifyServer: LoginContextParts['verifyServer']
  readonly vouchForServer: LoginContextParts['vouchForServer']
  readonly channelBinding: LoginContextParts['channelBinding']
  readonly randomBytes = pooledRandomBytes
  readonly #makeSignal: LoginContextParts['makeSignal']

  constructor(parts: LoginContextParts) {
    const { address, port } = parseEndpoint(parts.endpoint)
    this.endpoint = parts.endpoint
    this.address = address
    this.port = port
    this.authenticator = parts.authenticator
    this.seesRefusals = parts.seesRefusals
    this.observeLogin = parts.observeLogin
    this.now = parts.now
    this.verifyServer = parts.verifyServer
    this.vouchForServer = parts.vouchForServer
    this.channelBinding = parts.channelBinding
    this.#makeSignal = parts.makeSignal
    Object.defineProperty(this, 'signal', LoginContext.#signal)
  }
}
