/**
 * The part of an OpenSSL cipher list that may let a suite through which authenticates nobody (aNULL) or encrypts nothing
 * (eNULL); undefined where there is none.
 *
 * Named, such a suite is refused in any case. Below security level 1 the broad words have them too (openssl-ciphers(1):
 * "be careful when building cipherlists out of lower-level primitives such as kRSA or AES"), so there the list must say
 * `!aNULL` and `!eNULL`, unless it is made of DEFAULT and of whole suites.
 */
export function weakCiphers(ciphers: string): string | undefined {
  const words = ciphers.split(/[:, ;]+/).map((word) => word.replace(/@.*$/, ''))
  const killed = (...names: readonly string[]) => names.some((name) => words.includes(`!${name}`))
  const anonymousKilled = killed('aNULL', 'ALL')
  const nullKilled = killed('eNULL', 'NULL', 'ALL')
  if (anonymousKilled && nullKilled) return undefined

  const added = words.filter((word) => word !== '' && !/^[!+-]/.test(word))
  const named = added.find(
    (word) => (!anonymousKilled && anonymous.test(word)) || (!nullKilled && unencrypted.test(word)),
  )
  if (named !== undefined) return named
  const broad = added.find((word) => word !== 'DEFAULT' && !wholeSuite.test(word))
  return /@SECLEVEL=0\b/.test(ciphers) && broad !== undefined ? `${broad} at @SECLEVEL=0` : undefined
}

/** Words may be joined by +; suites have OpenSSL's names or those of the IANA. */
const anonymous = /(^|[+_-])(aNULL|ADH|AECDH|anon|COMPLEMENTOF(ALL|DEFAULT))([+_-]|$)/i

/** RFC 9150: the suites of TLS 1.3 that only sign. */
const unencrypted = /(^|[+_-])(e?NULL|COMPLEMENTOF(ALL|DEFAULT))([+_-]|$)|^TLS_SHA(256|384)_/i

const wholeSuite = /^TLS_|^[A-Z0-9]+(-[A-Z0-9]+)+$/
