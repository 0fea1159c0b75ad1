import type { KeyObject } from 'node:crypto'
import { summarize } from '../../certificate.js'
import { TlsError } from '../../errors.js'
import type { Loaded } from './pem.js'
import type { ReadKeys } from './private-key.js'
import { nameOf, type Source } from './source.js'
import { bestOf, isIssuedBy, isSelfIssued } from './validity.js'

/** OpenSSL does not follow a longer chain (SSL_CTX_set_verify_depth: 100). */
const longestChain = 100

/** Our private key, and our certificate with its issuers, in order. */
export interface KeyAndChain {
  readonly key: KeyObject
  readonly chain: readonly Loaded[]
}

/**
 * Finds the key that fits a certificate, that certificate, and each of its issuers that was given, in any order. The
 * root is not sent. If several certificates fit, for example an old one and its renewal with the same key, the best is
 * taken. Errors: KEY_MISMATCH, CERTIFICATE_INVALID, or the reason why a key was not read.
 */
export function chainFor(
  { keys, unread }: ReadKeys,
  source: Source,
  certificates: readonly Loaded[],
  now: Date,
): KeyAndChain {
  const leaf = bestOf(
    certificates.filter(({ x509 }) => keys.some((key) => x509.checkPrivateKey(key))),
    now,
  )
  const key = leaf && keys.find((each) => leaf.x509.checkPrivateKey(each))
  if (!leaf || !key) throw unread ?? mismatch(keys.length, source, certificates)
  const chain = [leaf]
  const issuers = certificates.filter(({ x509 }) => !isSelfIssued(x509))
  for (let last: Loaded | undefined = leaf; last && !isSelfIssued(last.x509); ) {
    const { x509 }: Loaded = last
    last = bestOf(
      issuers.filter((each) => isIssuedBy(x509, each.x509) && !isIn(chain, each)),
      now,
    )
    if (last) chain.push(last)
    if (chain.length > longestChain) throw tooLong(leaf)
  }
  return { key, chain }
}

function tooLong({ x509, file }: Loaded): TlsError {
  const certificate = summarize(x509, file)
  const problem = `The chain of the certificate ${certificate.name} has more than ${longestChain} certificates.`
  return new TlsError('CERTIFICATE_INVALID', problem, { file, certificate })
}

/** The same certificate may be in two files. */
function isIn(chain: readonly Loaded[], { x509 }: Loaded): boolean {
  return chain.some((each) => each.x509.fingerprint256 === x509.fingerprint256)
}

function mismatch(keys: number, source: Source, certificates: readonly Loaded[]): TlsError {
  const given = [...new Set(certificates.map(({ file }) => file ?? '`cert`'))].join(', ')
  const which =
    keys > 1
      ? `None of the ${keys} private keys in ${nameOf(source)} belongs to a`
      : `The private key in ${nameOf(source)} belongs to no`
  const problem = `${which} certificate in ${given}.`
  const certificate = certificates[0] && summarize(certificates[0].x509, certificates[0].file)
  return new TlsError('KEY_MISMATCH', problem, { file: source.file, certificate })
}
