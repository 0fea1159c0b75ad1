import type { ClientOptions } from 'cassandra-driver'
import { authError } from './errors.js'
import { clientConnections } from './lib/client/client-connections.js'
import {
  checkTlsOptions,
  probeWouldCrash,
  sendsCertificate,
  type TlsOptions,
  tlsOptionsAsRead,
  verifiesServer,
} from './lib/client/tls-options.js'
import {
  definedIn,
  flag,
  initially,
  optionBag,
  readOptions,
  refuseMore,
  type Spec,
} from './lib/options/option-spec.js'
import { recordOf } from './provider-record.js'
import { quotable } from './quotable.js'

/** What a caller allows explicitly. */
export interface SecureClientChoices {
  /** Send the password readable, or to anyone who answers. Default false. */
  readonly allowCleartextWithoutVerifiedTls?: boolean | undefined
  /**
   * If a server lets the client in without a login, the connection ends with NOT_AUTHENTICATED before a query is sent.
   * Default true if that can be seen: `sslOptions` are a profile of @x/tls-profiles, and `authProvider` is of this
   * family and does not log in by the client certificate (Cassandra 6 never asks for that login). `true` is an error if
   * it cannot be seen: OPTION_INVALID, or CANNOT_TELL at a connection if the runtime does not show it.
   */
  readonly requireAuthentication?: boolean | undefined
}

export const choicesBag = optionBag('secureClientOptions', {
  allowCleartextWithoutVerifiedTls: initially(
    false,
    flag,
    'Without TLS that verifies the server, anyone who answers or listens gets the password.',
  ),
  requireAuthentication: {
    ...flag,
    shown:
      'true if the client can see whether the server asked: with a profile of `@x/tls-profiles`, and without a login by certificate',
    why: 'A server that lets everybody in is the wrong server or has a wrong configuration, and the driver accepts it without a warning.',
  },
} satisfies Spec<SecureClientChoices>)

/** Protocol version 4, the highest that the driver and today's servers share. */
const highestUsefulVersion = 4

/**
 * Checks the options of a Client as a whole, and returns them corrected:
 * - a mechanism that sends the password or a session token readable needs TLS that verifies the server
 *   (CLEARTEXT_WITHOUT_TLS);
 * - TLS that only looks as if it verified is refused: a check of the server's identity that accepts anybody
 *   (IDENTITY_NOT_CHECKED), suites that encrypt nothing or authenticate nobody (CIPHER_UNSAFE);
 * - options that the driver or Node would ignore silently, or that lead a connection elsewhere, are refused
 *   (OPTIONS_CONTRADICT), and so are null and wrong values (OPTION_INVALID);
 * - a login by certificate needs `sslOptions` with one (OPTION_INVALID);
 * - `protocolOptions.maxVersion` is set where the driver's search for a version would crash the process: a
 *   client certificate under TLS 1.3;
 * - a server that does not ask for a login ends the connection (NOT_AUTHENTICATED); see `requireAuthentication`.
 *
 * The options are read once, also from an instance of a class with getters. What was checked is what is returned: a
 * plain object, since the driver does not read inherited properties. A later change of the given options does not
 * change the returned ones. Their `sslOptions` are a copy, in which keys, certificates and authorities are still read
 * at each connection, so that they may rotate. `authProvider` is passed on by reference. The options given are not
 * changed.
 */
export function secureClientOptions<O extends ClientOptions>(options: O, choices?: SecureClientChoices): O
export function secureClientOptions<O extends ClientOptions>(
  options: O,
  choices: SecureClientChoices = {},
  ...more: readonly unknown[]
): O {
  refuseMore('secureClientOptions', more, 'the options of a client and one object with options')
  const { allowCleartextWithoutVerifiedTls: allowed, requireAuthentication } = readOptions(
    choicesBag,
    choices,
  )
  const client = clientOptionsAsRead(options)
  refuseContradictions(client)
  const tls = client.sslOptions as TlsOptions | undefined
  if (tls) checkTlsOptions(tls, hostsOf(client))
  const verified = client.cloud !== undefined || (tls !== undefined && verifiesServer(tls))
  const readable = readableBy(client)
  if (readable.length > 0 && !verified && !allowed) {
    throw authError(
      'CLEARTEXT_WITHOUT_TLS',
      `The server is not verified by TLS, and it could read: ${readable.join(', ')}.`,
    )
  }
  if (logsInByCertificate(client) && !client.cloud && !(tls && sendsCertificate(tls))) {
    throw authError(
      'OPTION_INVALID',
      'The authProvider logs in by the client certificate, and sslOptions have none: use mutual({ ca, cert, key }) of @x/tls-profiles.',
    )
  }
  const offered = recordOf(client.authProvider)?.startupOptions
  if (offered) client.protocolOptions = withStartupOptions(client, offered)
  const sslOptions = clientConnections(tls, client.authProvider, requireAuthentication)
  if (!tls) return client as O
  const corrected = { ...client, sslOptions: sslOptions as NonNullable<ClientOptions['sslOptions']> }
  if (!probeWouldCrash(tls) || client.protocolOptions?.maxVersion) return corrected as O
  return {
    ...corrected,
    protocolOptions: { ...client.protocolOptions, maxVersion: highestUsefulVersion },
  } as O
}

type ProtocolOptions = NonNullable<ClientOptions['protocolOptions']> & { startupOptions?: object }

/** What the provider tells servers, with everything else that they are told; read again for each connection. */
function withStartupOptions({ protocolOptions }: ClientOptions, offered: object): ProtocolOptions {
  const { startupOptions: given = {} } = (protocolOptions ?? {}) as ProtocolOptions
  if (typeof given !== 'object' || given === null)
    throw invalid('protocolOptions.startupOptions must be an object, or left out')
  const [twice] = Object.keys(given).filter((name) => Object.hasOwn(offered, name))
  if (twice !== undefined) {
    throw authError(
      'OPTIONS_CONTRADICT',
      `protocolOptions.startupOptions and experimentalNegotiation of the authProvider both set ${quotable(twice)}.`,
    )
  }
  const startupOptions = Object.defineProperties({ ...given }, Object.getOwnPropertyDescriptors(offered))
  return { ...protocolOptions, startupOptions }
}

/** Names of the options that are checked here, and how the driver uses them. */
const judged = ['authProvider', 'credentials', 'sslOptions', 'cloud', 'protocolOptions'] as const

/** A plain object with all that was given: what the driver will read. */
function clientOptionsAsRead(options: ClientOptions): ClientOptions {
  if (typeof options !== 'object' || options === null) throw invalid('the options of a Client are an object')
  const client = definedIn(options) as { -readonly [K in keyof ClientOptions]: ClientOptions[K] }
  for (const name of judged) {
    // A property that cannot be listed counts too.
    const value: unknown = client[name] ?? options[name]
    if (value !== undefined) Object.assign(client, { [name]: value })
    if (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value)))
      throw invalid(`${name} must be an object, or left out`)
  }
  if (client.protocolOptions) client.protocolOptions = definedIn(client.protocolOptions)
  if (client.credentials) client.credentials = definedIn(client.credentials) as typeof client.credentials
  if (client.sslOptions) client.sslOptions = tlsOptionsAsRead(client.sslOptions)
  if (client.cloud) client.cloud = cloudAsRead(client.cloud)
  if (client.authProvider && typeof client.authProvider.newAuthenticator !== 'function')
    throw invalid('authProvider must have the method newAuthenticator')
  return client
}

function cloudAsRead(cloud: NonNullable<ClientOptions['cloud']>): NonNullable<ClientOptions['cloud']> {
  const read = definedIn(cloud)
  const { secureConnectBundle: bundle } = read as { secureConnectBundle?: unknown }
  if (
    (typeof bundle !== 'string' || bundle === '') &&
    Object.prototype.toString.call(bundle) !== '[object URL]'
  )
    throw invalid('cloud.secureConnectBundle must be a path or a URL')
  return read as NonNullable<ClientOptions['cloud']>
}

function invalid(problem: string) {
  return authError('OPTION_INVALID', `secureClientOptions: ${problem}.`)
}

function refuseContradictions({ authProvider, credentials, cloud, sslOptions }: ClientOptions): void {
  if (authProvider && credentials) {
    throw authError('OPTIONS_CONTRADICT', 'The driver ignores `credentials` beside `authProvider`.')
  }
  if (cloud && sslOptions) {
    throw authError(
      'OPTIONS_CONTRADICT',
      'With `cloud`, the bundle sets the TLS options, and the driver rejects `sslOptions`.',
    )
  }
}

/** What the driver connects to first: the contact points without their ports, taken apart as it does. */
function hostsOf({ contactPoints = [] }: ClientOptions): readonly string[] {
  const points = Array.isArray(contactPoints) ? contactPoints.filter((each) => typeof each === 'string') : []
  return points.map((each) => {
    const [, address, name] = /^\[(.+)\]:|^([^:]+):[^:]*$/.exec(each) ?? []
    return address ?? name ?? each
  })
}

/** What somebody on the way could read. We know nothing about another library's provider, so we assume the worst. */
function readableBy({ authProvider, credentials }: ClientOptions): readonly string[] {
  if (!authProvider) return credentials === undefined ? [] : ['the password']
  const { cleartext, exposes = [] } = recordOf(authProvider) ?? {}
  return cleartext === false ? exposes : ['the password', ...exposes]
}

/** EXTERNAL and nothing else, also in another library's provider: the server knows the client by its certificate. */
function logsInByCertificate({ authProvider }: ClientOptions): boolean {
  const { mechanisms, cleartext } = recordOf(authProvider) ?? {}
  return mechanisms?.length === 1 && mechanisms[0] === 'EXTERNAL' && cleartext === false
}
