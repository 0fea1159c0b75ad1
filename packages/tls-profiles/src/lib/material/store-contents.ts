import type { Deriving } from './derive.js'

/** What is asked of a store. */
export interface StoreRequest {
  readonly passphrase: string | undefined
  readonly keyPassphrase: string | undefined
  readonly alias: string | undefined
  readonly wantsKey: boolean
}

/** What a store holds, whatever its format. */
export interface StoreContents {
  readonly certificates: readonly StoredCertificate[]
  readonly keys: readonly StoredKey[]
}

export interface StoredCertificate {
  readonly der: Uint8Array
}

export interface StoredKey {
  readonly alias: string
  /** PKCS #8, decrypted when asked for: a store may hold keys that are not ours to open. */
  pkcs8(): Deriving<Buffer>
}
