import { createHash, createHmac, createSecretKey, type KeyObject, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import type { Secret } from '@x/auth-core'

/** The hash function of a SCRAM mechanism, as Node calls it, and the length of its output in bytes. */
export interface ScramHash {
  readonly hash: 'sha1' | 'sha256' | 'sha512'
  readonly length: number
}

const derive = promisify(pbkdf2)

/** What RFC 5802 §3 derives from a password, a salt and an iteration count; enough to log in with, so as secret as it. */
export class ScramKeys {
  readonly #hash: string
  readonly #clientKey: Buffer
  readonly #storedKey: KeyObject
  readonly #serverKey: KeyObject

  private constructor(hash: string, saltedPassword: Buffer) {
    this.#hash = hash
    this.#clientKey = hmac(hash, saltedPassword, 'Client Key')
    this.#storedKey = createSecretKey(createHash(hash).update(this.#clientKey).digest())
    this.#serverKey = createSecretKey(hmac(hash, saltedPassword, 'Server Key'))
  }

  /** SaltedPassword := Hi(Normalize(password), salt, i), on a thread of libuv; the password is prepared already. */
  static async derive(
    { hash, length }: ScramHash,
    password: Secret,
    salt: Buffer,
    iterations: number,
  ): Promise<ScramKeys> {
    const saltedPassword = await password.use((text) => derive(text, salt, iterations, length, hash))
    try {
      return new ScramKeys(hash, saltedPassword)
    } finally {
      saltedPassword.fill(0)
    }
  }

  /** ClientProof := ClientKey XOR HMAC(StoredKey, AuthMessage) */
  clientProof(authMessage: string): Buffer {
    const proof = hmac(this.#hash, this.#storedKey, authMessage)
    const clientKey = this.#clientKey
    for (let index = 0; index < proof.length; index++)
      proof[index] = (proof[index] ?? 0) ^ (clientKey[index] ?? 0)
    return proof
  }

  /** ServerSignature := HMAC(ServerKey, AuthMessage) */
  serverSignature(authMessage: string): Buffer {
    return hmac(this.#hash, this.#serverKey, authMessage)
  }
}

function hmac(hash: string, key: Buffer | KeyObject, message: string): Buffer {
  return createHmac(hash, key).update(message, 'utf8').digest()
}
