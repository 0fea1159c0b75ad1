import { isProxy } from 'node:util/types'
import { authError } from '../../errors.js'
import { insideContext, judged, ofProfile, redirecting, refuseUnknownNames } from './tls-option-names.js'
import { wrongValue } from './tls-option-values.js'

/** The record that the profiles of @x/tls-profiles carry. */
interface TlsProfileRecord {
  readonly verifies?: { readonly chain?: boolean; readonly name?: boolean } | undefined
  readonly sendsClientCertificate?: boolean | undefined
  readonly maxVersion?: string | undefined
  readonly resumesSessions?: boolean | undefined
}

export type TlsOptions = Readonly<Record<string | symbol, unknown>>

const tlsRecord = Symbol.for('@x/tls:profile')

/** Under this key a profile has the function that makes another reader (`onread`) for it, and each of its readers has `true`. */
export const makeReader = Symbol.for('@x/tls:reader')

/**
 * What may change from one connection to the next, so its getter is handed on: keys, certificates, a session, and the
 * reader that keeps a record of the connection.
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

/**
 * The options as the driver will read them: it copies own, enumerable properties for each connection. A profile, or
 * frozen options, are returned as the same object. For anything else (plain, inherited, a class with getters, hidden
 * properties) this is an object with the same values: what may rotate is still read each time, and everything that
 * protects is fixed.
 */
export function tlsOptionsAsRead(given: object): TlsOptions {
  // What is checked is read wherever it stands: a method of a class, or hidden in a prototype.
  const names = new Set([...namesMeant(given), ...judged, tlsRecord, makeReader])
  const read: Record<string | symbol, unknown> = {}
  let isFixed = !isProxy(given)
  for (const name of names) {
    const own = Object.getOwnPropertyDescriptor(given, name)
    const value = (given as TlsOptions)[name]
    if (!own && value === undefined) continue
    // Without a profile that watches it, a getter could return a session that nobody has checked.
    const rotates =
      rotating.has(name as string) && (name !== 'session' || resumesSessions(given as TlsOptions))
    isFixed &&= own !== undefined && isReadAsIs(own, rotates)
    if (rotates) {
      Object.defineProperty(read, name, { get: () => (given as TlsOptions)[name], enumerable: true })
    } else if (value !== undefined) {
      const isMethod = !own && typeof value === 'function'
      Object.defineProperty(read, name, { value: isMethod ? value.bind(given) : value, enumerable: true })
    }
  }
  return isFixed ? (given as TlsOptions) : read
}

/** A name that Node does not know may be one that cannot be listed. A class may have accessors too. */
function namesMeant(given: object): readonly string[] {
  const names = Object.getOwnPropertyNames(given)
  for (const name in given) names.push(name)
  return names
}

/** Whether the driver finds what is checked here: the property is enumerable, and does not change unless it may rotate. */
function isReadAsIs({ enumerable, configurable, writable }: PropertyDescriptor, rotates: boolean) {
  return enumerable === true && !configurable && (writable === false || rotates)
}

/** Throws OPTION_INVALID, OPTIONS_CONTRADICT, CIPHER_UNSAFE, IDENTITY_NOT_CHECKED. `hosts`: what is connected to. */
export function checkTlsOptions(tls: TlsOptions, hosts: readonly string[]): void {
  for (const name of judged) {
    const wrong = wrongValue(name, tls[name])
    if (wrong !== undefined) throw authError('OPTION_INVALID', `sslOptions.${wrong}.`)
  }
  refuseContradictions(tls)
  refuseUnknownNames(tls)
  checkCiphers(tls)
  checkIdentityCheck(tls, hosts)
}

function refuseContradictions(tls: TlsOptions): void {
  const contradict = (problem: string) => authError('OPTIONS_CONTRADICT', problem)
  const given = (names: readonly string[]) => names.filter((name) => tls[name] !== undefined).join(', ')
  const redirects = given(redirecting)
  if (redirects !== '')
    throw contradict(
      `The driver decides where to connect; these options in sslOptions would change that: ${redirects}.`,
    )
  const ignored = tls['secureContext'] && given(insideContext)
  if (ignored) throw contradict(`With sslOptions.secureContext, Node.js ignores: ${ignored}.`)
  const foreign = given(ofProfile.filter((name) => !isOfProfile(tls, name)))
  if (foreign !== '')
    throw contradict(
      `Remove from sslOptions: ${foreign}. Node.js does not check the server's name when it resumes a session, and the driver gets no answers where onread takes them. Only a profile of @x/tls-profiles may set these options.`,
    )
  if (tls['checkServerIdentity'] !== undefined && tls['rejectUnauthorized'] !== true)
    throw contradict(
      'The result of sslOptions.checkServerIdentity is ignored unless rejectUnauthorized is true; the driver sets it to false.',
    )
}

/** Also for a profile: it does not watch what was put there instead of its own. */
function isOfProfile(tls: TlsOptions, name: (typeof ofProfile)[number]): boolean {
  const { [makeReader]: isReader } = (tls['onread'] ?? {}) as { readonly [makeReader]?: unknown }
  const expected = name === 'session' ? resumesSessions(tls) : tlsRecordOf(tls) !== undefined
  return expected && isReader === true
}

/** Such a profile ends each connection that was resumed with a session of another client. */
function resumesSessions(tls: TlsOptions): boolean {
  return tlsRecordOf(tls)?.resumesSessions === true
}

function checkCiphers(tls: TlsOptions): void {
  const { weakIn } = require('./weak-ciphers.js') as typeof import('./weak-ciphers.js')
  const weak = weakIn(tls)
  if (weak === undefined) return
  const ofProcess = tls['ciphers'] === undefined && tls['secureContext'] === undefined
  const list = ofProcess
    ? 'The cipher list of this process (node --tls-cipher-list) allows'
    : 'sslOptions allow'
  throw authError('CIPHER_UNSAFE', `${list} unsafe connections: ${weak}.`)
}

function checkIdentityCheck(tls: TlsOptions, hosts: readonly string[]): void {
  const { checkServerIdentity, servername } = tls
  // A profile says by name that it checks none: `hostname: false`.
  if (typeof checkServerIdentity !== 'function' || tlsRecordOf(tls)?.verifies?.name === false) return
  const { acceptsAnybody } = require('./identity-probe.js') as typeof import('./identity-probe.js')
  const asked = typeof servername === 'string' ? [servername] : hosts
  if (acceptsAnybody(checkServerIdentity as never, asked, tls)) throw authError('IDENTITY_NOT_CHECKED')
}

/** A spread copy of a profile keeps its record, so what decides in the end is what the driver will read. */
export function verifiesServer(tls: TlsOptions): boolean {
  return tls['rejectUnauthorized'] === true && tlsRecordOf(tls)?.verifies?.chain !== false
}

/** A secureContext does not show its certificate, so we assume that it has one. */
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
