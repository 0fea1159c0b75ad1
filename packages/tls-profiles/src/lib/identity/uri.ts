import type { X509Certificate } from 'node:crypto'
import { alternativeNames } from '../../certificate.js'
import { TlsError } from '../../errors.js'
import { optionBag, readOptions, type Spec, some } from '../options/option-spec.js'

/** A server whose name is a URI, as in a service mesh: one URI, or any URI below a prefix. */
export type UriIdentity =
  | {
      /** The exact URI of the certificate: `spiffe://example.org/ns/prod/sa/cassandra`. */
      readonly uri: string
      readonly uriPrefix?: undefined
    }
  | {
      /** The beginning of a SPIFFE ID, up to a slash: `spiffe://example.org/` is a whole trust domain. */
      readonly uriPrefix: string
      readonly uri?: undefined
    }

/** Made when it is needed: few programs use a URI. */
function uriBag() {
  return optionBag('hostname', {
    uri: some<string>(
      'an absolute URI; one of SPIFFE without port, query or slash at the end',
      (value) => typeof value === 'string' && (isSpiffe(value) ? isSpiffeId(value) : isAbsolute(value)),
    ),
    uriPrefix: some<string>(
      'the beginning of a SPIFFE ID up to a slash, such as spiffe://example.org/',
      (value) => typeof value === 'string' && value.endsWith('/') && isSpiffeId(value.slice(0, -1)),
    ),
  } satisfies Spec<UriIdentity>)
}

/** The rule after the check. */
export type UriRule = { readonly mode: 'uri'; readonly uri: string; readonly isPrefix: boolean }

/** Whether `hostname` has a URI; any other object is a map of addresses. */
export function isUriIdentity(hostname: object): hostname is UriIdentity {
  return 'uri' in hostname || 'uriPrefix' in hostname
}

/** Parses that form of the option. Throws OPTION_INVALID. */
export function uriRuleOf(hostname: UriIdentity): UriRule {
  const { uri, uriPrefix } = readOptions(uriBag(), hostname)
  if ((uri === undefined) === (uriPrefix === undefined)) {
    throw new TlsError('OPTION_INVALID', '`hostname` needs either `uri` or `uriPrefix`.')
  }
  return { mode: 'uri', uri: uri ?? (uriPrefix as string), isPrefix: uri === undefined }
}

/** Whether a certificate fits the rule. */
export function hasUri(certificate: X509Certificate, { uri, isPrefix }: UriRule): boolean {
  const uris = alternativeNames(certificate.subjectAltName).flatMap(({ type, name }) =>
    type === 'URI' ? [name] : [],
  )
  if (!isSpiffe(uri)) return uris.includes(uri)
  // X509-SVID §2, §5.2: exactly one URI, and the certificate of a workload is not a CA certificate.
  if (uris.length !== 1 || certificate.ca) return false
  const [id] = uris as [string]
  return isPrefix ? isSpiffeId(id) && id.startsWith(uri) : id === uri
}

function isSpiffe(uri: string): boolean {
  return uri.toLowerCase().startsWith('spiffe:')
}

/**
 * SPIFFE-ID §2: trust domain in lower case, no port, no query; segments of these characters, none empty, none of dots
 * only. At most 2048 bytes.
 */
function isSpiffeId(uri: string): boolean {
  return (
    uri.length <= 2048 && /^spiffe:\/\/[a-z0-9._-]{1,255}(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+)*$/.test(uri)
  )
}

/** The part of RFC 3986 §3 that is needed: a scheme, and only visible ASCII after it. */
function isAbsolute(uri: string): boolean {
  return /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/.test(uri)
}
