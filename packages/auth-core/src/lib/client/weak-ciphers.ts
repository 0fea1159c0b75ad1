import { DEFAULT_CIPHERS } from 'node:tls'
import { authError } from '../../errors.js'
import { kindOf } from '../error-kind.js'
import { offeredSuites } from './offered-suites.js'

/**
 * IANA TLS Cipher Suites: those that encrypt nothing (NULL; RFC 9150 for TLS 1.3), then those that authenticate nobody
 * (DH_anon, ECDH_anon). A client offers suites with PSK or SRP only if it has such a key, and the driver has no option
 * for one.
 */
const unprotected: ReadonlySet<number> = new Set([
  0x0000, 0x0001, 0x0002, 0x002c, 0x002d, 0x002e, 0x003b, 0x00b0, 0x00b1, 0x00b4, 0x00b5, 0x00b8, 0x00b9,
  0xc001, 0xc006, 0xc00b, 0xc010, 0xc015, 0xc039, 0xc03a, 0xc03b, 0xc0b4, 0xc0b5, 0x0017, 0x0018, 0x0019,
  0x001a, 0x001b, 0x0034, 0x003a, 0x0046, 0x006c, 0x006d, 0x0089, 0x009b, 0x00a6, 0x00a7, 0x00bf, 0x00c5,
  0xc016, 0xc017, 0xc018, 0xc019, 0xc046, 0xc047, 0xc05a, 0xc05b, 0xc084, 0xc085,
])

/** Options that decide which cipher suites are offered. */
const offering = [
  'secureContext',
  'ciphers',
  'sigalgs',
  'ecdhCurve',
  'minVersion',
  'maxVersion',
  'secureProtocol',
  'secureOptions',
]

/**
 * What a client with these `sslOptions` allows and must not: a word of the cipher list, or a suite that it offers;
 * undefined if there is none. A `secureContext` shows only its suites. Throws OPTION_INVALID if Node cannot make a
 * client with these options.
 */
export function weakIn(tls: Readonly<Record<string, unknown>>): string | undefined {
  const { secureContext, ciphers } = tls
  // DEFAULT_CIPHERS: `node --tls-cipher-list` changes it.
  const word = secureContext === undefined ? weakWord((ciphers ?? DEFAULT_CIPHERS) as string) : undefined
  if (word !== undefined) return word
  const suite = suitesOf(tls).find((each) => unprotected.has(each))
  return suite === undefined ? undefined : `the cipher suite 0x${suite.toString(16).padStart(4, '0')}`
}

/** Codes of Node and OpenSSL for options that they do not take. */
const ofOptions = /^ERR_(SSL|TLS|OSSL|CRYPTO|INVALID)_/

function suitesOf(tls: Readonly<Record<string, unknown>>): readonly number[] {
  const chosen = offering.filter((name) => tls[name] !== undefined)
  try {
    // Without `ca`, Node would parse all public ones.
    return offeredSuites({ ca: [], ...Object.fromEntries(chosen.map((name) => [name, tls[name]])) }) ?? []
  } catch (cause) {
    if (!ofOptions.test(String((cause as NodeJS.ErrnoException).code))) return [] // a runtime that cannot say it
    const problem = `Node.js cannot make a TLS client from these sslOptions (${chosen.join(', ')}): ${kindOf(cause)}.`
    throw authError('OPTION_INVALID', problem, { cause })
  }
}

/**
 * The part of an OpenSSL cipher list (openssl-ciphers(1)) that names what authenticates nobody (aNULL), encrypts
 * nothing (eNULL) or takes certificates that anybody can forge (`@SECLEVEL=0`: signed with MD5, keys of 512 bits);
 * undefined if there is none. A named suite is refused even if the level of security excludes it.
 */
function weakWord(ciphers: string): string | undefined {
  const level = /@SECLEVEL=0/.exec(ciphers)?.[0]
  if (level !== undefined) return level
  const words = ciphers.split(/[:, ;]/).map((word) => word.replace(/@.*/, ''))
  // Not by `!ALL`: to OpenSSL, ALL does not include what encrypts nothing, and some of that authenticates nobody either.
  const killed = (...names: readonly string[]) => names.some((name) => words.includes(`!${name}`))
  const anonymousKilled = killed('aNULL')
  const nullKilled = killed('eNULL', 'NULL')
  // What begins with + is only moved to the end of the list.
  const added = words.filter((word) => !/^[!+-]/.test(word))
  return added.find(
    (word) => (!anonymousKilled && anonymous.test(word)) || (!nullKilled && unencrypted.test(word)),
  )
}

/** Words may be joined by +; suites have OpenSSL's names or those of the IANA. */
const anonymous = /(^|[+_-])(aNULL|ADH|AECDH|anon|COMPLEMENTOF(ALL|DEFAULT))([+_-]|$)/i

/** RFC 9150: the suites of TLS 1.3 that only sign. */
const unencrypted = /(^|[+_-])(e?NULL|COMPLEMENTOF(ALL|DEFAULT))([+_-]|$)|^TLS_SHA(256|384)_/i
