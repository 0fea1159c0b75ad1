/**
 * The parts of the library that are used here. The library is an ES module, so its own types could be named only with
 * the attribute `resolution-mode`, and TypeScript before 5.3 cannot read declarations with that. The compiler compares
 * these types with those of the library below.
 */
export interface OpenidClient {
  readonly Configuration: new (
    server: ServerMetadata,
    clientId: string,
    metadata: { readonly use_mtls_endpoint_aliases: boolean },
    authentication: ClientAuth,
  ) => Configuration
  /** The property of configurations and of the options of discovery whose function sends a request. */
  readonly customFetch: symbol
  /** The option of PrivateKeyJwt and ClientSecretJwt whose function changes an assertion before it is signed. */
  readonly modifyAssertion: symbol
  discovery(
    issuer: URL,
    clientId: string,
    metadata: undefined,
    authentication: ClientAuth,
    options: {
      readonly algorithm: 'oidc' | 'oauth2'
      readonly timeout: number
      readonly execute: ((configuration: Configuration) => void)[]
      readonly [customFetch: symbol]: CustomFetch
    },
  ): Promise<Configuration>
  genericGrantRequest(
    configuration: Configuration,
    grantType: string,
    parameters: URLSearchParams,
  ): Promise<TokenEndpointResponse>
  initiateDeviceAuthorization(
    configuration: Configuration,
    parameters: URLSearchParams,
  ): Promise<DeviceAuthorizationResponse>
  allowInsecureRequests(configuration: Configuration): void
  None(): ClientAuth
  TlsClientAuth(): ClientAuth
  ClientSecretPost(secret: string): ClientAuth
  ClientSecretBasic(secret: string): ClientAuth
  ClientSecretJwt(
    secret: string,
    options: { readonly [modifyAssertion: symbol]: ModifyAssertion },
  ): ClientAuth
  PrivateKeyJwt(
    key: CryptoKey | { readonly key: CryptoKey; readonly kid: string },
    options: { readonly [modifyAssertion: symbol]: ModifyAssertion },
  ): ClientAuth
}

type CryptoKey = import('node:crypto').webcrypto.CryptoKey

export interface Configuration {
  timeout?: number | undefined
  serverMetadata(): ServerMetadata
}

/** The fields of RFC 8414 §2 that are read here. */
export interface ServerMetadata {
  readonly issuer: string
  readonly token_endpoint?: string
  readonly token_endpoint_auth_methods_supported?: string[]
  readonly [further: string]: Json | undefined
}

type Json = string | number | boolean | null | Json[] | { [name in string]?: Json }

/** Authenticates one request: writes into its body or its headers. */
export type ClientAuth = (
  server: ServerMetadata,
  client: { readonly client_id: string },
  body: URLSearchParams,
  headers: Headers,
) => void

export type CustomFetch = (
  address: string,
  options: { readonly method: string; readonly headers: Record<string, string>; readonly body?: unknown },
) => Promise<Response>

type ModifyAssertion = (header: Record<string, unknown>, payload: Record<string, unknown>) => void

/** RFC 6749 §5.1. The library writes the type in lower case. */
export interface TokenEndpointResponse {
  readonly access_token: string
  readonly token_type: string
  readonly expires_in?: number
  readonly refresh_token?: string
}

/** RFC 8628 §3.2 */
export interface DeviceAuthorizationResponse {
  readonly device_code: string
  readonly user_code: string
  readonly verification_uri: string
  readonly verification_uri_complete?: string
  readonly expires_in: number
  readonly interval?: number
}

/** Loads the library, at the first token. */
export function openidClient(): Promise<OpenidClient> {
  return import('openid-client')
}
