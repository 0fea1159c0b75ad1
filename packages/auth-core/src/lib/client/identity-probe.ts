import { X509Certificate } from 'node:crypto'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { strangers } from './strangers.js'

/**
 * RFC 5737, RFC 3849, RFC 6761: addresses and a name that no server has. Names of `strangers` contain some of them, to
 * catch a check that compares only a part of a name.
 */
const nowhere = ['192.0.2.2', '2001:db8::1', 'body.invalid']

/**
 * Whether a check of the server's identity accepts, for one of these hosts, a certificate that is in order and does not
 * fit: one with another name, another address, a wildcard, a URI, only a common name, or no name at all. A check that
 * throws, or returns a truthy value, does not accept: for Node that is an error. `options`: the `this` of Node's call.
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
    // A promise is not a verdict: we do not wait for it, and its rejection must not be unhandled.
    Promise.resolve(verdict).catch(() => undefined)
    return !verdict
  } catch {
    return false
  }
}
