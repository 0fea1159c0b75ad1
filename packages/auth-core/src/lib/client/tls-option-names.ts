import { refuseUnknown } from '../options/option-spec.js'

/**
 * The names in `sslOptions` that a connection uses: those that Node.js 20 to 26 know in tls.connect,
 * tls.createSecureContext, net.connect and new net.Socket, without those of a server and those that lead elsewhere.
 * Node ignores a name that it does not know, so it would ignore a misspelt protection.
 */

/** What Node takes from `secureContext`, if there is one. It silently ignores these options beside it. */
export const insideContext = [
  'ca',
  'cert',
  'key',
  'pfx',
  'passphrase',
  'crl',
  'ciphers',
  'sigalgs',
  'ecdhCurve',
  'minVersion',
  'maxVersion',
  'secureProtocol',
  'secureOptions',
  'allowPartialTrustChain',
  'clientCertEngine',
  'privateKeyEngine',
  'privateKeyIdentifier',
] as const

const ofConnection = [
  'rejectUnauthorized',
  'checkServerIdentity',
  'servername',
  'secureContext',
  'ALPNProtocols',
  'minDHSize',
  'enableTrace',
  'highWaterMark',
  'allowHalfOpen',
  'timeout',
  'signal',
  'noDelay',
  'keepAlive',
  'keepAliveInitialDelay',
  'localAddress',
  'localPort',
  'blockList',
  // These have no effect if the driver connects to an address, as it nearly always does.
  'family',
  'hints',
  'autoSelectFamily',
  'autoSelectFamilyAttemptTimeout',
] as const

/**
 * What only a profile of @x/tls-profiles has. A session that is resumed skips the check of the server's name, and the
 * profile knows whose session it is; `onread` takes the server's answers before the driver sees them.
 */
export const ofProfile = ['session', 'onread'] as const

const known: readonly string[] = [...ofConnection, ...insideContext, ...ofProfile]

/** What would lead the driver's connections to one server, or to a wrong one. */
export const redirecting = ['host', 'port', 'path', 'socket', 'lookup'] as const

/** What is checked, wherever it stands: a method of a class, or hidden in a prototype. */
export const judged: readonly string[] = [...known, ...redirecting]

/** Throws OPTION_INVALID for a name that the driver would hand on and Node would ignore. */
export function refuseUnknownNames(tls: object): void {
  refuseUnknown('sslOptions', known, Object.fromEntries(Object.keys(tls).map((name) => [name, true])))
}
