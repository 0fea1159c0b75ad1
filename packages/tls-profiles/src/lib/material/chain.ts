import type { KeyObject } from 'node:crypto'
import { summarize } from '../../certificate.js'
import { TlsError } from '../../errors.js'
import type { Loaded } from './pem.js'
import { nameOf, type Source } from './source.js'
import { bestOf, isIssuedBy, isSelfIssued } from './validity.js'

/**
 * Our certificate, then each issuer that was given, in whatever order they came; the root is not sent. Where several fit,
 * as an old certificate and the one that renews it with the same key, the best is taken.
 */
export function chainFor(
  key: KeyObject,
  source: Source,
  certificates: readonly Loaded[],
  now: Date,
): readonly Loaded[] {
  const leaf = bestOf(
    certificates.filter(({ x509 }) => x509.checkPrivateKey(key)),
    now,
  )
  if (!leaf) throw mismatch(source, certificates)
  const chain = [leaf]
  const issuers = certificates.filter(({ x509 }) => !isSelfIssued(x509))
  for (let last: Loaded | undefined = leaf; last && !isSelfIssued(last.x509); ) {
    const { x509 }: Loaded = last
    last = bestOf(
      issuers.filter((each) => isIssuedBy(x509, each.x509) && !isIn(chain, each)),
      now,
    )
    if (last) chain.push(last)
  }
  return chain
}

/** The same certificate may stand in two files. */
function isIn(chain: readonly Loaded[], { x509 }: Loaded): boolean {
  return chain.some((each) => each.x509.fingerprint256 === x509.fingerprint256)
}

function mismatch(source: Source, certificates: readonly Loaded[]): TlsError {
  const given = [...new Set(certificates.map(({ file }) => file ?? '`cert`'))].join(', ')
  const problem = `The private key in ${nameOf(source)} belongs to no certificate in ${given}.`
  const certificate = certificates[0] && summarize(certificates[0].x509, certificates[0].file)
  return new TlsError('KEY_MISMATCH', problem, { file: source.file, certificate })
}
