import { isProxy } from 'node:util/types'
import { authError } from '../../errors.js'
import { acceptsAnybody } from './identity-probe.js'
import { weakCiphers } from './weak-ciphers.js'

/** The record that the profiles of @x/tls-profiles carry. */
interface TlsProfileRecord {
  readonly verifies?: { readonly chain?: boolean; readonly name?: boolean } | undefined
  readonly sendsClientCertificate?: boolean | undefined
  readonly maxVersion?: string | undefined
}

export type TlsOptions = Readonly<Record<string | symbol, unknown>>

const tlsRecord = Symbol.for('@x/tls:profile')

/** Under this key a profile has the function that makes another reader (`onread`) for it. */
export const makeReader = Symbol.for('@x/tls:reader')

/**
 * What may change from one connection to the next, so that its getter is handed on: keys, certificates, a session, and what
 * keeps a record of the connection where the runtime can.
 */
const rotating = new Set([
  'secureContext',
  'session',
  'ca',
  'cert',
  'key',
  'pfx',
  'passphrase',
  'crl',
  'onread',
  'signal',
])

/** What Node takes from `secureContext` when there is one, and ignores in silence where it stands beside it. */
const insideContext = [
  'ca',
  'cert',
  'key',
  'pfx',
  'passphrase',
  'crl',
  'ciphers',
  'minVersion',
  'maxVersion',
  'secureProtocol',
]

/** What would lead the driver's connections to one server, or to another than it means. */
const redirecting = ['host', 'port', 'path', 'socket', 'lookup']

/**
 * The options as the driver will read them: it copies what is own and enumerable, for each connection. A profile, or plain
 * options, are the very object that was given. Of anything else (inherited, a class with getters, hidden properties) this
 * is a plain object with the same values, in which what may rotate is still asked for and all that protects is fixed.
 */
export function tlsOptionsAsRead(given: object): TlsOptions {
  const names = new Set([...namesIn(given), ...readHere(given), tlsRecord, makeReader])
  if (!isProxy(given) && [...names].every((name) => isReadAsIs(given, name))) return given as TlsOptions
  const read: Record<string | symbol, unknown> = {}
  for (const name of names) {
    const value = (given as TlsOptions)[name]
    if (typeof name === 'string' && rotating.has(name)) {
      Object.defineProperty(read, name, { get: () => (given as TlsOptions)[name], enumerable: true })
    } else if (value !== undefined) {
      const isMethod = typeof value === 'function' && !Object.hasOwn(given, name)
      read[name] = isMethod ? value.bind(given) : value
    }
  }
  return read
}

/** What is judged here, wherever it stands: a method of a class, or hidden in a prototype. */
function readHere(given: object): readonly string[] {
  const names = ['rejectUnauthorized', 'checkServerIdentity', 'servername', 'secureContext']
  return [...names, ...insideContext, ...redirecting].filter(
    (name) => (given as TlsOptions)[name] !== undefined,
  )
}

/** Its own properties, also hidden ones, what it inherits, and the getters of its class; no methods of a class. */
function namesIn(given: object): readonly string[] {
  const names = new Set<string>(Object.getOwnPropertyNames(given))
  for (const name in given) names.add(name)
  for (
    let from = Object.getPrototypeOf(given);
    from && Object.getPrototypeOf(from);
    from = Object.getPrototypeOf(from)
  ) {
    for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(from)))
      if (get) names.add(name)
  }
  return [...names]
}

/** Whether the driver finds what is judged here: own, enumerable, and the same each time unless it may rotate. */
function isReadAsIs(given: object, name: string | symbol): boolean {
  const own = Object.getOwnPropertyDescriptor(given, name)
  if (!own) return (given as TlsOptions)[name] === undefined
  return own.enumerable === true && (own.get === undefined || rotating.has(name as string))
}

/** Throws OPTION_INVALID, OPTIONS_CONTRADICT, CIPHER_UNSAFE, IDENTITY_NOT_CHECKED. `hosts`: what is connected to. */
export function checkTlsOptions(tls: TlsOptions, hosts: readonly string[]): void {
  checkTypes(tls)
  const ignored = insideContext.filter((name) => tls['secureContext'] && tls[name] !== undefined)
  if (ignored.length > 0) {
    throw authError(
      'OPTIONS_CONTRADICT',
      `Beside sslOptions.secureContext, Node ignores: ${ignored.join(', ')}.`,
    )
  }
  const redirects = redirecting.filter((name) => tls[name] !== undefined)
  if (redirects.length > 0) {
    throw authError(
      'OPTIONS_CONTRADICT',
      `The driver says where to connect to; sslOptions would lead it elsewhere with: ${redirects.join(', ')}.`,
    )
  }
  checkCiphers(tls)
  checkIdentityCheck(tls, hosts)
}

function checkTypes(tls: TlsOptions): void {
  const { rejectUnauthorized, checkServerIdentity, ciphers } = tls
  const wrong = (problem: string) => authError('OPTION_INVALID', `sslOptions.${problem}.`)
  if (rejectUnauthorized !== undefined && typeof rejectUnauthorized !== 'boolean')
    throw wrong('rejectUnauthorized must be true or false')
  if (checkServerIdentity !== undefined && typeof checkServerIdentity !== 'function')
    throw wrong('checkServerIdentity must be a function, or left out')
  if (ciphers !== undefined && typeof ciphers !== 'string')
    throw wrong('ciphers must be a list of cipher suites, or left out')
  // Node takes both for "not given": all public CAs for a `ca` that is empty, no revocation for a `crl`.
  const empty = Object.keys(tls).find((name) => tls[name] === null || tls[name] === '')
  if (empty !== undefined) throw wrong(`${empty} must not be null or empty; leave it out`)
}

/** What is inside a secureContext can not be seen. */
function checkCiphers(tls: TlsOptions): void {
  if (tls['secureContext'] !== undefined) return
  const weak = weakCiphers((tls['ciphers'] as string | undefined) ?? defaultCiphers())
  if (weak === undefined) return
  throw authError(
    'CIPHER_UNSAFE',
    `sslOptions.ciphers may choose a suite that encrypts nothing or authenticates nobody: ${weak}.`,
  )
}

/** `node --tls-cipher-list` changes it. */
function defaultCiphers(): string {
  return (require('node:tls') as typeof import('node:tls')).DEFAULT_CIPHERS
}

function checkIdentityCheck(tls: TlsOptions, hosts: readonly string[]): void {
  const { checkServerIdentity, servername, rejectUnauthorized } = tls
  if (typeof checkServerIdentity !== 'function') return
  if (rejectUnauthorized !== true) {
    throw authError(
      'OPTIONS_CONTRADICT',
      'The verdict of sslOptions.checkServerIdentity is ignored unless rejectUnauthorized is true; the driver sets it to false.',
    )
  }
  // A profile says by name that it checks none: `hostname: false`.
  if (tlsRecordOf(tls)?.verifies?.name === false) return
  const asked = typeof servername === 'string' ? [servername] : hosts
  if (acceptsAnybody(checkServerIdentity as never, asked)) throw authError('IDENTITY_NOT_CHECKED')
}

/** A spread copy of a profile keeps its record, so what decides in the end is what the driver will read. */
export function verifiesServer(tls: TlsOptions): boolean {
  return tls['rejectUnauthorized'] === true && tlsRecordOf(tls)?.verifies?.chain !== false
}

/** A secureContext does not show what is in it, so it gets the benefit of the doubt. */
export function sendsCertificate(tls: TlsOptions): boolean {
  return (
    tlsRecordOf(tls)?.sendsClientCertificate ??
    ['secureContext', 'cert', 'pfx'].some((name) => tls[name] !== undefined)
  )
}

/** On a real Cassandra 5.0, ten connections of ten: an uncaught TypeError in the driver's parser. */
export function probeWouldCrash(tls: TlsOptions): boolean {
  const maxVersion = tlsRecordOf(tls)?.maxVersion ?? tls['maxVersion'] ?? 'TLSv1.3'
  return sendsCertificate(tls) && maxVersion === 'TLSv1.3'
}

function tlsRecordOf(tls: TlsOptions): TlsProfileRecord | undefined {
  return (tls[tlsRecord] ?? undefined) as TlsProfileRecord | undefined
}
