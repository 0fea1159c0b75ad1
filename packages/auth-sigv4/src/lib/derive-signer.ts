import { createHmac, createSecretKey } from 'node:crypto'
import { Signer } from './signer.js'

const service = 'cassandra'

/**
 * Derives the key of a day and region by the SDK's own code, which is loaded here: at the first login, not on import.
 * The SDK keeps the derived keys of a process (the last 50); its cache does not get the session token, which is not
 * part of the derivation.
 */
export async function deriveSigner(
  accessKeyId: string,
  secretAccessKey: string,
  day: string,
  region: string,
): Promise<Signer> {
  const { createScope, getSigningKey } =
    require('@smithy/signature-v4') as typeof import('@smithy/signature-v4')
  const key = await getSigningKey(Sha256, { accessKeyId, secretAccessKey }, day, region, service)
  return new Signer(accessKeyId, createScope(day, region, service), createSecretKey(key))
}

/** HMAC-SHA-256 of Node in the shape that the SDK asks for. */
class Sha256 {
  readonly #hmac

  /** Its type lets the SDK leave the secret out, which it never does. */
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hmac = createHmac('sha256', secret as string | Uint8Array)
  }

  update(data: Uint8Array): void {
    this.#hmac.update(data)
  }

  async digest(): Promise<Uint8Array> {
    return this.#hmac.digest()
  }
}
