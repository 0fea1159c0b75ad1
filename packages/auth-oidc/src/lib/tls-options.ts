import type { PeerCertificate, SecureContext } from 'node:tls'
import {
  authError,
  callback,
  type Option,
  optionBag,
  readOptions,
  type Spec,
  some,
  text,
} from '@x/auth-core/base'

type Pem = string | Buffer

/** TLS to the authorization server: a profile of `@x/tls-profiles`, or these options of `tls.connect`. The server is verified in any case. */
export interface OidcTlsOptions {
  readonly secureContext?: SecureContext | undefined
  /** PEM of the CAs that are trusted in place of those of Node.js. */
  readonly ca?: Pem | readonly Pem[] | undefined
  /** PEM of the client certificate and its key. */
  readonly cert?: Pem | undefined
  readonly key?: Pem | undefined
  readonly passphrase?: string | undefined
  /** The name that the certificate must have. Default: that of the address. */
  readonly servername?: string | undefined
  readonly checkServerIdentity?:
    | ((host: string, certificate: PeerCertificate) => Error | undefined)
    | undefined
  readonly rejectUnauthorized?: boolean | undefined
}

const pem = (what: string) => some<Pem>(`${what} as PEM: a text or a Buffer`, isPem)

export const oidcTlsBag = optionBag('tls', {
  secureContext: some<SecureContext>(
    'a SecureContext',
    (value) => typeof value === 'object' && value !== null,
  ),
  ca: some<Pem | readonly Pem[]>(
    'PEM (a text or a Buffer), or a list of them',
    (value) => isPem(value) || (Array.isArray(value) && value.length > 0 && value.every(isPem)),
  ),
  cert: pem('the certificate'),
  key: pem('the key'),
  passphrase: text(),
  servername: text(),
  checkServerIdentity: callback<NonNullable<OidcTlsOptions['checkServerIdentity']>>(),
  rejectUnauthorized: some<boolean>('true: a secret goes only to a server that has proved itself', isTrue),
} satisfies Spec<OidcTlsOptions>)

const profileBrand = Symbol.for('@x/tls:profile')

/** Errors: OPTION_INVALID, also for a profile that does not verify the server. */
export const tlsOption: Option<OidcTlsOptions, undefined> = {
  must: 'a profile of @x/tls-profiles, or an object with TLS options',
  initial: undefined,
  take(value) {
    if (typeof value !== 'object' || value === null) return undefined
    if (!(profileBrand in value)) return readOptions(oidcTlsBag, value)
    const profile = value as OidcTlsOptions
    if (profile.rejectUnauthorized === true) return profile
    throw authError('OPTION_INVALID', 'The option tls is a profile that does not verify the server.')
  },
}

/**
 * What `https.request` is to know, and no more: a profile has properties for the driver besides, which would read the
 * connection. Read anew for each connection, since a profile rotates.
 */
export function connectOptions(tls: OidcTlsOptions) {
  const { secureContext, ca, cert, key, passphrase, servername, checkServerIdentity } = tls
  const given = { secureContext, ca, cert, key, passphrase, servername, checkServerIdentity }
  const defined = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(defined), rejectUnauthorized: true }
}

function isPem(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || (Buffer.isBuffer(value) && value.length > 0)
}

function isTrue(value: unknown): boolean {
  return value === true
}
