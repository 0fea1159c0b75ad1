import {
  authError,
  callback,
  clockOption,
  duration,
  flag,
  initially,
  listOf,
  oneOf,
  optionBag,
  type Read,
  required,
  type Spec,
  some,
  text,
} from '@x/auth-core/base'
import { httpTransport, reach, verifiedTlsOption } from '@x/auth-core/http'
import type { OidcOptions, ServerHintOptions, TokenTarget } from '../oidc-options.js'
import { tooLong } from './answers.js'
import { authenticationOptions, clientAuthentication } from './client-authentication.js'
import { OidcClient } from './oidc-client.js'

const addressForm = 'an https address without user, query and fragment'
const address = some<string>(addressForm, isAddress)

/** The options of every source that asks an authorization server. */
export const oidcOptions = {
  ...authenticationOptions,
  issuer: required(address),
  clientId: required(text('the id of a client')),
  discovery: {
    ...oneOf('oidc', 'oauth2'),
    shown: "`'oidc'`",
    why: 'Nearly every server supports it, also a server with plain OAuth.',
  },
  tokenEndpoint: { ...address, shown: 'from discovery', why: 'Servers write it in their metadata.' },
  tls: verifiedTlsOption('tls'),
  fetch: callback<typeof globalThis.fetch>(),
  allowCleartextHttp: initially(false, flag, 'Over http, anyone on the way can read the secret.'),
  requestTimeoutMs: initially(
    3_000,
    duration({ max: 600_000 }),
    'Less than `fetchTimeoutMs` of `cached`, so that the error names the slow server.',
  ),
  clock: clockOption,
  random: initially(Math.random, callback<() => number>(), 'Jitter is not a secret.', '`Math.random`'),
} satisfies Spec<OidcOptions>

/** RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ) */
const scopes = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/
const scope = some<string>(
  'scopes separated by spaces',
  (value) => typeof value === 'string' && scopes.test(value),
)
const resource = text('an address')

export const targetOptions = {
  scope: { ...scope, shown: 'what the server gives this client', why: 'Each server has its own names.' },
  audience: { ...text(), shown: 'not sent', why: 'Not every server takes one.' },
  resource: {
    must: 'an address, or a list of them',
    take: (value: unknown) =>
      Array.isArray(value) ? listOf(resource, '').take(value) : resource.take(value),
    initial: undefined,
    shown: 'not sent',
    why: 'Not every server takes one.',
  },
} satisfies Spec<TokenTarget>

export const serverHintBag = optionBag('followServerHint', {
  issuers: required(listOf(address, 'a list of issuers with at least one entry')),
  scopes: {
    ...listOf(scope, 'a list of scopes with at least one entry'),
    shown: 'none',
    why: 'A server must not choose the rights of its token.',
  },
} satisfies Spec<ServerHintOptions>)

/** Errors: OPTION_INVALID, OPTIONS_CONTRADICT. */
export function clientOf(
  who: string,
  options: Read<typeof oidcOptions>,
  otherIssuers: readonly string[] = [],
): OidcClient {
  const { tls, mtls, fetch, clock, allowCleartextHttp, tokenEndpoint, issuer, discovery } = options
  const given = Object.entries({ tls, mtls, fetch }).filter(([, value]) => value)
  if (given.length > 1) {
    throw authError('OPTIONS_CONTRADICT', `${who} takes one of ${given.map(([name]) => name).join(', ')}.`)
  }
  if (discovery !== undefined && tokenEndpoint !== undefined) {
    throw authError('OPTIONS_CONTRADICT', `${who} takes discovery or tokenEndpoint, not both.`)
  }
  const verified = mtls ?? tls
  // Each issuer has its own rule: http on this machine is allowed only for an issuer that is itself http on this
  // machine.
  const reaches = new Map(
    [issuer, ...otherIssuers].map((each) => {
      const addresses = [each, tokenEndpoint].filter((address) => address !== undefined)
      const parts = { who, addresses: addresses.map((address) => new URL(address)), allowCleartextHttp }
      return [each, reach({ ...parts, tls: verified !== undefined })]
    }),
  )
  return new OidcClient({
    ...options,
    discovery: discovery ?? 'oidc',
    authentication: clientAuthentication(who, options, clock),
    transport: (step) => httpTransport({ tls: verified, fetch, tooLong: tooLong(step) }),
    mayReach: (url, from) => reaches.get(from)?.(url) === true,
  })
}

function isAddress(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value) || /[?#]/.test(value)) return false
  const { protocol, username, password } = new URL(value)
  return /^https?:$/.test(protocol) && username === '' && password === ''
}
