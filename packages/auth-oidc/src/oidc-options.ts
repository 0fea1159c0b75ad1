import type { Clock, CredentialSource } from '@x/auth-core'
import type { VerifiedTls } from '@x/auth-core/http'
import type { ClientAuthenticationOptions } from './lib/client-authentication.js'

export type { ClientAuthenticationOptions, PrivateKeyJwtOptions } from './lib/client-authentication.js'
/**
 * TLS to the authorization server: a profile of `@x/tls-profiles`, or options of `tls.connect`. The server is verified
 * in any case.
 */
export type OidcTlsOptions = VerifiedTls

/** What the sources of this package return: the credentials of OAUTHBEARER, with `expiresAt` if the lifetime is known. */
export interface BearerToken {
  readonly token: string
}

/** A source of tokens. Wrap it with `cached` of `@x/auth-core`. */
export type TokenSource = CredentialSource<BearerToken>

/** The authorization server and the client. A client without a way to authenticate is a public client. */
export interface OidcOptions extends ClientAuthenticationOptions {
  /** The issuer exactly as the server writes it in its metadata, such as `https://login.example/realms/main`. */
  readonly issuer: string
  /** The id under which the client is registered. */
  readonly clientId: string
  /**
   * Where the metadata is. `oidc` (default): `<issuer>/.well-known/openid-configuration`. `oauth2`: the address of RFC
   * 8414. Do not combine it with `tokenEndpoint`.
   */
  readonly discovery?: 'oidc' | 'oauth2' | undefined
  /** The token endpoint of a server without metadata. Default: from discovery. */
  readonly tokenEndpoint?: string | undefined
  /**
   * TLS to the server: `verifyServer({ ca, hostname })` of `@x/tls-profiles`, or options of `tls.connect`. `tls` and
   * `mtls` use no proxy. Without them `fetch` connects: it trusts the CAs that Node.js trusts (also
   * NODE_EXTRA_CA_CERTS), and uses the proxies that Node.js reads from the environment (NODE_USE_ENV_PROXY, from Node
   * 24 on). Give only one of `tls`, `mtls` and `fetch`.
   */
  readonly tls?: OidcTlsOptions | undefined
  /** Another `fetch`, for example that of undici with a dispatcher. Default: that of Node.js. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /**
   * Whether secrets and tokens may be sent readable to an `http` address on another machine, and to the addresses that
   * it names. Default false.
   */
  readonly allowCleartextHttp?: boolean | undefined
  /** How long one request may take, in milliseconds. Default 3 000. */
  readonly requestTimeoutMs?: number | undefined
  /** Where time comes from. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
  /** At least 0 and less than 1, for jitter. Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

/** What the token is for. */
export interface TokenTarget {
  /** Scopes, separated by spaces. Default: not sent, so the server chooses. */
  readonly scope?: string | undefined
  /** The audience that the database expects, for servers that take one. Default: not sent. */
  readonly audience?: string | undefined
  /** The address of the resource that the token is for, or a list of them (RFC 8707). Default: not sent. */
  readonly resource?: string | readonly string[] | undefined
}

/** Whether a server that refuses a token may say where to get another one (RFC 7628 §3.2.2). */
export interface ServerHintOptions {
  /** The issuers that the server may name. The client must be registered at each of them with the same id and secret. */
  readonly issuers: readonly string[]
  /** The scopes that the server may name. Default: none, so that `scope` does not change. */
  readonly scopes?: readonly string[] | undefined
}

/** What to show to the user. */
export interface SignInPrompt {
  /** The address to open, on any device. */
  readonly verificationUri: string
  /** The same address with the code in it, for a QR code or a link; undefined if the server gives none. */
  readonly verificationUriComplete: string | undefined
  /** The code that the user types there. */
  readonly userCode: string
  /** When the code expires. */
  readonly expiresAt: Date
}
