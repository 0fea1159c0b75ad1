import type { DetailedPeerCertificate } from 'node:tls'

/** The certificates that a server showed, its own first; a root is its own issuer. */
export function chainOf(peer: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain = [peer]
  for (let next = peer.issuerCertificate; next && !chain.includes(next); next = next.issuerCertificate) {
    chain.push(next)
  }
  return chain
}
