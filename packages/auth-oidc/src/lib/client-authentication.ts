import { createPrivateKey, KeyObject, type webcrypto } from 'node:crypto'
import type { Clock } from '@x/auth-core'
import {
  authError,
  bagOf,
  isAuthError,
  type Option,
  oneOf,
  optionBag,
  type Read,
  required,
  type Spec,
  some,
  text,
} from '@x/auth-core/base'
import {
  isPath,
  readText,
  sendsCertificate,
  type TextInput,
  textInput,
  type VerifiedTls,
  verifiedTlsOption,
} from '@x/auth-core/http'
import { oidcError } from '../errors.js'
import { claimsOf, expiryOf } from './jwt.js'
import type { ClientAuth, OpenidClient, ServerMetadata } from './openid-client.js'

/**
 * How a client authenticates. Give one of `clientSecret`, `privateKeyJwt`, `clientAssertionFile` and `mtls`, or none
 * for a public client.
 */
export interface ClientAuthenticationOptions {
  /** The secret: its text, `{ path }` of a file, or a function. A file and a function are read for each request. */
  readonly clientSecret?: TextInput | undefined
  /**
   * How the secret is sent, by its registered name (OpenID Connect Core §9). It needs `clientSecret`. Default:
   * `client_secret_basic`, or `client_secret_post` if the metadata lists only that one of the two.
   */
  readonly tokenEndpointAuthMethod?:
    | 'client_secret_basic'
    | 'client_secret_post'
    | 'client_secret_jwt'
    | undefined
  /** A private key that signs an assertion for each request (RFC 7523). */
  readonly privateKeyJwt?: PrivateKeyJwtOptions | undefined
  /**
   * The path of a file with an assertion that another program signs and renews: the token of a Kubernetes service
   * account, a SPIFFE JWT-SVID (RFC 7521 §4.2). It is read for each request.
   */
  readonly clientAssertionFile?: string | undefined
  /**
   * A client certificate (RFC 8705): `mutual({ ca, cert, key, hostname })` of `@x/tls-profiles`, or options of
   * `tls.connect`.
   */
  readonly mtls?: VerifiedTls | undefined
}

export interface PrivateKeyJwtOptions {
  /**
   * The key: PEM (PKCS #8, PKCS #1 or SEC 1, not encrypted), `{ path }` of a file with it, a function, or a KeyObject.
   * RSA of at least 2048 bits, EC (P-256, P-384, P-521) or Ed25519.
   */
  readonly key: TextInput | KeyObject
  /** The id of the key at the server, sent as `kid`. Default: not sent. */
  readonly keyId?: string | undefined
  /** The algorithm of an RSA key. Default `RS256`. Other keys have one algorithm each. */
  readonly algorithm?: 'RS256' | 'PS256' | undefined
  /** The audience of the assertion, sent as `aud`. Default: the issuer; Entra ID requires its token endpoint. */
  readonly audience?: string | undefined
  /** Further members of the header of the assertion, such as `x5t#S256` for Entra ID. Not `alg` and `kid`. Default: none. */
  readonly header?: Readonly<Record<string, string>> | undefined
}

const notSent = { shown: 'not sent', why: 'Few servers ask for it.' }

export const privateKeyJwtBag = optionBag('privateKeyJwt', {
  key: required(
    some<TextInput | KeyObject>(
      'a private key: PEM, { path } of a file, a function or a KeyObject',
      (value) =>
        value instanceof KeyObject ? value.type === 'private' : textInput('').take(value) !== undefined,
    ),
  ),
  keyId: { ...text(), ...notSent },
  algorithm: {
    ...oneOf('RS256', 'PS256'),
    shown: '`RS256`',
    why: 'RFC 7518 §3.1 recommends it, and every server supports it.',
  },
  audience: { ...text(), shown: 'the issuer', why: 'RFC 7523bis §3 requires it.' },
  header: {
    ...some<Readonly<Record<string, string>>>('an object of texts, without alg and kid', isHeader),
    ...notSent,
  },
} satisfies Spec<PrivateKeyJwtOptions>)

export const authenticationOptions = {
  clientSecret: textInput('the secret of the client'),
  tokenEndpointAuthMethod: {
    ...oneOf('client_secret_basic', 'client_secret_post', 'client_secret_jwt'),
    shown: 'what the metadata lists, `client_secret_basic` first',
    why: 'RFC 6749 §2.3.1: every server must accept it from clients with a secret.',
  },
  privateKeyJwt: bagOf(privateKeyJwtBag),
  clientAssertionFile: some<string>('the path of a file', isPath),
  mtls: mtlsOption(),
} satisfies Spec<ClientAuthenticationOptions>

/** Authenticates one request. */
export interface ClientAuthentication {
  /** Whether the TLS connection authenticates the client. */
  readonly mtls: boolean
  /**
   * Reads the secret or the key, and returns what authenticates a request. Errors: CREDENTIALS_NOT_CONFIGURED,
   * CREDENTIALS_INVALID, OIDC_TOKEN_INVALID, OIDC_TOKEN_EXPIRED.
   */
  prepare(oidc: OpenidClient, context: { readonly signal: AbortSignal }): Promise<ClientAuth>
}

/**
 * Errors: OPTIONS_CONTRADICT if there is more than one way, OPTION_INVALID for `tokenEndpointAuthMethod` without a
 * secret.
 */
export function clientAuthentication(
  who: string,
  options: Read<typeof authenticationOptions>,
  clock: Clock,
): ClientAuthentication {
  const { clientSecret, tokenEndpointAuthMethod, privateKeyJwt, clientAssertionFile, mtls } = options
  const ways = Object.entries({ clientSecret, privateKeyJwt, clientAssertionFile, mtls }).filter(
    ([, given]) => given !== undefined,
  )
  if (ways.length > 1) {
    throw authError('OPTIONS_CONTRADICT', `${who} takes one of ${ways.map(([name]) => name).join(', ')}.`)
  }
  if (tokenEndpointAuthMethod !== undefined && clientSecret === undefined) {
    throw authError('OPTION_INVALID', `The option tokenEndpointAuthMethod of ${who} needs clientSecret.`)
  }
  if (clientSecret !== undefined) return bySecret(clientSecret, tokenEndpointAuthMethod, clock)
  if (privateKeyJwt) return byKey(privateKeyJwt, clock)
  if (clientAssertionFile !== undefined) return byAssertion(clientAssertionFile, clock)
  if (mtls) return { mtls: true, prepare: async (oidc) => oidc.TlsClientAuth() }
  return { mtls: false, prepare: async (oidc) => oidc.None() }
}

function bySecret(
  input: TextInput,
  method: ClientAuthenticationOptions['tokenEndpointAuthMethod'],
  clock: Clock,
): ClientAuthentication {
  return {
    mtls: false,
    async prepare(oidc, context) {
      const secret = await readText(input, { what: 'The client secret', form: 'line', context })
      return secret.use((text): ClientAuth => {
        const post = oidc.ClientSecretPost(text)
        const basic = oidc.ClientSecretBasic(text)
        if (method === 'client_secret_post') return post
        if (method === 'client_secret_basic') return basic
        if (method === 'client_secret_jwt') {
          return oidc.ClientSecretJwt(text, { [oidc.modifyAssertion]: (_, payload) => date(payload, clock) })
        }
        return (server, ...rest) => {
          const known = server.token_endpoint_auth_methods_supported ?? []
          const onlyPost = known.includes('client_secret_post') && !known.includes('client_secret_basic')
          return (onlyPost ? post : basic)(server, ...rest)
        }
      })
    },
  }
}

function byKey(
  { key, keyId, algorithm, audience, header }: Read<(typeof privateKeyJwtBag)['options']>,
  clock: Clock,
): ClientAuthentication {
  return {
    mtls: false,
    async prepare(oidc, context) {
      const own = await signingKey(key, algorithm, context)
      return (server, ...rest) =>
        oidc.PrivateKeyJwt(keyId === undefined ? own : { key: own, kid: keyId }, {
          [oidc.modifyAssertion](head, payload) {
            date(payload, clock)
            Object.assign(head, header)
            if (head['alg'] === 'Ed25519' && !knowsEd25519(server)) head['alg'] = 'EdDSA'
            if (audience !== undefined) payload['aud'] = audience
          },
        })(server, ...rest)
    },
  }
}

/** Sets the dates of an assertion. The library would use the clock of the machine. */
function date(payload: Record<string, unknown>, clock: Clock): void {
  const now = Math.floor(clock.now() / 1_000)
  Object.assign(payload, { iat: now, nbf: now, exp: now + assertionLifeS })
}

/** The lifetime that the library gives to assertions, in seconds. */
const assertionLifeS = 60

/** RFC 9864 §2.2 gave `EdDSA` another name, and older servers know only the old one. */
function knowsEd25519({ token_endpoint_auth_signing_alg_values_supported: known }: ServerMetadata): boolean {
  return !Array.isArray(known) || known.includes('Ed25519') || !known.includes('EdDSA')
}

/** RFC 7521 §4.2 */
function byAssertion(path: string, clock: Clock): ClientAuthentication {
  return {
    mtls: false,
    async prepare(_oidc, context) {
      const what = 'The client assertion'
      const assertion = await readText({ path }, { what, form: 'line', context })
      assertion.use((token) => checkAssertion(token, clock.now()))
      return (_server, client, body) => {
        body.set('client_id', client.client_id)
        body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
        body.set('client_assertion', assertion.use(String))
      }
    },
  }
}

function checkAssertion(token: string, now: number): void {
  const claims = claimsOf(token)
  if (!claims) throw oidcError('OIDC_TOKEN_INVALID', 'The client assertion in the file is not a JWT.')
  const expiresAt = expiryOf(claims)
  if (!expiresAt || expiresAt.getTime() > now) return
  const details = { expiresAt: expiresAt.toISOString(), now: new Date(now).toISOString() }
  const problem = `The client assertion in the file expired at ${details.expiresAt}, and here it is ${details.now}.`
  throw oidcError('OIDC_TOKEN_EXPIRED', problem, { details })
}

const curves: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
}

/** RFC 7518 §3.3 and §3.5 */
const minModulusLength = 2_048

/** Errors: CREDENTIALS_INVALID; they never contain a part of the key. */
async function signingKey(
  key: TextInput | KeyObject,
  rsa: 'RS256' | 'PS256' = 'RS256',
  context: { readonly signal: AbortSignal },
): Promise<webcrypto.CryptoKey> {
  const what = 'The private key'
  try {
    const own =
      key instanceof KeyObject
        ? key
        : (await readText(key, { what, form: 'lines', context })).use((pem) => createPrivateKey(pem))
    const { modulusLength = minModulusLength } = own.asymmetricKeyDetails ?? {}
    if (modulusLength < minModulusLength) {
      const problem = `${what} cannot be used: it has ${modulusLength} bits, and an RSA key must have at least ${minModulusLength} (RFC 7518).`
      throw authError('CREDENTIALS_INVALID', problem)
    }
    const form = { format: 'der', type: 'pkcs8' } as const
    return await crypto.subtle.importKey('pkcs8', own.export(form), algorithmOf(own, rsa), false, ['sign'])
  } catch (error) {
    if (isAuthError(error) || context.signal.aborted) throw error
    const problem = `${what} cannot be used: it must be PEM of an RSA, EC (P-256, P-384, P-521) or Ed25519 key without a passphrase.`
    throw authError('CREDENTIALS_INVALID', problem)
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject, rsa: 'RS256' | 'PS256') {
  if (asymmetricKeyType === 'ed25519') return { name: 'Ed25519' }
  if (asymmetricKeyType === 'ec') {
    return { name: 'ECDSA', namedCurve: curves[asymmetricKeyDetails?.namedCurve ?? ''] ?? '' }
  }
  return { name: rsa === 'PS256' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
}

/** The same option as `tls`, but it must have a client certificate. A profile does not show its key. */
function mtlsOption(): Option<VerifiedTls, undefined> {
  const must =
    'a profile of @x/tls-profiles with a client certificate, or an object with cert and key, or a secureContext'
  const option = verifiedTlsOption('mtls')
  return {
    must,
    initial: undefined,
    take(value) {
      const tls = option.take(value)
      return tls && sendsCertificate(tls) ? tls : undefined
    },
  }
}

function isHeader(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.entries(value).every(
    ([name, each]) => name !== 'alg' && name !== 'kid' && typeof each === 'string',
  )
}
