import { X509Certificate } from 'node:crypto'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { strangers } from './strangers.js'

/**
 * RFC 5737, RFC 3849, RFC 6761: addresses and a name that no server has. The names of `strangers` contain some of them, as
 * a check that looks for a part of a name would like.
 */
const nowhere = ['192.0.2.2', '2001:db8::1', 'body.invalid']

/**
 * Whether a check of the server's identity accepts, for one of these hosts, a certificate that is in order and does not fit:
 * one with another name, another address, a wildcard, a URI, a common name alone, or no name at all. A check that throws, or
 * answers with anything but a falsy value, does not: Node takes that for an error. `options`: what Node calls it on.
 */
export function acceptsAnybody(
  check: (host: string, certificate: PeerCertificate) => unknown,
  hosts: readonly string[],
  options: object,
): boolean {
  // A check may change the object that it is given.
  const shown = (der: Buffer) => new X509Certificate(der).toLegacyObject() as PeerCertificate
  const asked = [...nowhere, ...hosts]
  return strangers.some((base64) => {
    const der = Buffer.from(base64, 'base64')
    return asked.some((host) => {
      if (!checkServerIdentity(host, shown(der))) return false // a contact point of somebody who tries this out
      return accepts(() => check.call({ ...options }, host, shown(der)))
    })
  })
}

function accepts(ask: () => unknown): boolean {
  try {
    const verdict = ask()
    // A promise is not a verdict of ours to wait for, and its failure is not an uncaught one.
    Promise.resolve(verdict).catch(() => undefined)
    return !verdict
  } catch {
    return false
  }
}
