import { createHash, createHmac, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import type { Secret } from '@x/auth-core/base'
import { type HashFunction, HmacKey } from './hmac-key.js'

const derive = promisify(pbkdf2)

/** What RFC 5802 §3 derives from a password, a salt and an iteration count; enough to log in with, so as secret as it. */
export class ScramKeys {
  readonly #clientKey: Buffer
  readonly #storedKey: HmacKey
  readonly #serverKey: HmacKey

  private constructor(hash: HashFunction, saltedPassword: Buffer) {
    const hmac = (text: string) => createHmac(hash.hash, saltedPassword).update(text).digest()
    this.#clientKey = hmac('Client Key')
    this.#storedKey = new HmacKey(hash, createHash(hash.hash).update(this.#clientKey).digest())
    this.#serverKey = new HmacKey(hash, hmac('Server Key'))
  }

  /** SaltedPassword := Hi(Normalize(password), salt, i), on a thread of libuv. The password is prepared, the salt is base64. */
  static async derive(
    hash: HashFunction,
    password: Secret,
    salt: string,
    iterations: number,
  ): Promise<ScramKeys> {
    const saltBytes = Buffer.from(salt, 'base64')
    const saltedPassword = await password.use((text) =>
      derive(text, saltBytes, iterations, hash.length, hash.hash),
    )
    try {
      return new ScramKeys(hash, saltedPassword)
    } finally {
      saltedPassword.fill(0)
    }
  }

  /** ClientProof := ClientKey XOR HMAC(StoredKey, AuthMessage), in base64. */
  clientProof(authMessage: string): string {
    const proof = Buffer.from(this.#storedKey.sign(authMessage, 'binary'), 'binary')
    const clientKey = this.#clientKey
    // By index, which takes a quarter of the time of an iterator; both have the length of the hash.
    for (let index = 0; index < proof.length; index++)
      proof[index] = Number(proof[index]) ^ Number(clientKey[index])
    return proof.toString('base64')
  }

  /** ServerSignature := HMAC(ServerKey, AuthMessage), in base64. */
  serverSignature(authMessage: string): string {
    return this.#serverKey.sign(authMessage, 'base64')
  }
}
