import { loadPeer } from '../load-peer.js'
import type { StoreContents, StoreSource } from './store.js'

/** The part of jks-js that is used. */
interface JksJs {
  parseJks(bytes: Buffer, password: string | undefined): JksEntry[]
  decrypt(protectedPrivateKey: Buffer, password: string): string
}
interface JksEntry {
  readonly alias: string
  readonly cert?: { readonly value: Uint8Array }
  readonly chain?: readonly { readonly value: Uint8Array }[]
  readonly protectedPrivateKey?: Buffer
}

/** Reads a Java KeyStore. Without a passphrase its checksum is not compared: certificates can be read, keys not. */
export function readJks(bytes: Buffer, { passphrase, keyPassphrase }: StoreSource): StoreContents {
  const jks = loadPeer<JksJs>('jks-js', 'a JKS store')
  const entries = jks.parseJks(bytes, passphrase)
  return {
    certificates: entries
      .flatMap((entry) => entry.chain ?? (entry.cert ? [entry.cert] : []))
      .map(({ value }) => ({ der: value })),
    keys: entries.flatMap(({ alias, protectedPrivateKey }) =>
      protectedPrivateKey
        ? [
            {
              alias,
              pem: () => Buffer.from(jks.decrypt(protectedPrivateKey, keyPassphrase ?? passphrase ?? '')),
            },
          ]
        : [],
    ),
  }
}
