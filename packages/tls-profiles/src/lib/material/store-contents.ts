import type { Deriving } from './derive.js'

/** What to read from a store. */
export interface StoreRequest {
  readonly passphrase: string | undefined
  readonly keyPassphrase: string | undefined
  readonly alias: string | undefined
  readonly wantsKey: boolean
}

/** The content of a store, in any format. */
export interface StoreContents {
  readonly certificates: readonly StoredCertificate[]
  readonly keys: readonly StoredKey[]
}

export interface StoredCertificate {
  readonly der: Uint8Array
}

export interface StoredKey {
  readonly alias: string
  /** The key in PKCS #8. It is decrypted on request, because a store may contain keys that we cannot open. */
  pkcs8(): Deriving<Buffer>
}
