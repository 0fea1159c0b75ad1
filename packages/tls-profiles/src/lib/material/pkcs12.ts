import { createPrivateKey } from 'node:crypto'
import { loadPeer } from '../load-peer.js'
import type { StoreContents } from './store.js'

/** The part of node-forge that is used; its objects pass through us unread. */
interface Forge {
  asn1: { fromDer(bytes: string): Asn1; toDer(asn1: Asn1): { getBytes(): string } }
  pkcs12: { pkcs12FromAsn1(asn1: Asn1, password: string): { safeContents: { safeBags: Bag[] }[] } }
  pki: {
    certificateToAsn1(certificate: object): Asn1
    privateKeyToAsn1(key: object): Asn1
    wrapRsaPrivateKey(key: Asn1): Asn1
  }
}
interface Asn1 {
  readonly asn1: never
}
interface Bag {
  readonly attributes: { readonly friendlyName?: readonly string[] }
  /** A certificate or key that node-forge understands (RSA), and else what it was made of. */
  readonly cert?: object | null
  readonly key?: object | null
  readonly asn1?: Asn1 | null
}

/**
 * Reads PKCS #12 (RFC 7292). By a library rather than by OpenSSL, because the certificates in it have to be
 * looked at, trust stores have no key, and OpenSSL 3 refuses the RC2 that older tools encrypt with.
 */
export function readPkcs12(bytes: Buffer, passphrase: string | undefined): StoreContents {
  const forge = loadPeer<Forge>('node-forge', 'a PKCS #12 store')
  const parsed = forge.asn1.fromDer(bytes.toString('latin1'))
  const { safeContents } = forge.pkcs12.pkcs12FromAsn1(parsed, passphrase ?? '')
  const bags = safeContents.flatMap(({ safeBags }) => safeBags)
  const der = (asn1: Asn1) => Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'latin1')
  return {
    certificates: bags
      .filter((bag) => 'cert' in bag)
      .flatMap(({ cert, asn1 }) => (cert ? [forge.pki.certificateToAsn1(cert)] : asn1 ? [asn1] : []))
      .map((asn1) => ({ der: der(asn1) })),
    keys: bags
      .filter((bag) => 'key' in bag)
      .map(({ key, asn1, attributes }, index) => ({
        alias: attributes.friendlyName?.[0] ?? String(index + 1),
        pem: () => {
          const pkcs8 = key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(key)) : (asn1 as Asn1)
          return Buffer.from(
            createPrivateKey({ key: der(pkcs8), format: 'der', type: 'pkcs8' }).export({
              type: 'pkcs8',
              format: 'pem',
            }),
          )
        },
      })),
  }
}
