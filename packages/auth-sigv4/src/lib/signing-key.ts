import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'

/** What all signatures of one day, region and credential have in common. */
export interface SigningKey {
  /** `20200609/us-west-2/cassandra/aws4_request` */
  readonly scope: string
  /** The canonical request up to the time of the login. */
  readonly requestHead: string
  readonly key: KeyObject
}

const service = 'cassandra'

/**
 * Derives the key of a day and region by the SDK's own code, which is loaded here: at the first login, not on import.
 * The SDK keeps the derived keys of a process (the last 50); its cache is told nothing of the session token, which takes
 * no part in the derivation.
 */
export async function deriveSigningKey(
  accessKeyId: string,
  secretAccessKey: string,
  day: string,
  region: string,
): Promise<SigningKey> {
  const { createScope, getSigningKey } = await import('@smithy/signature-v4')
  const scope = createScope(day, region, service)
  const key = await getSigningKey(Sha256, { accessKeyId, secretAccessKey }, day, region, service)
  return { scope, requestHead: requestHead(accessKeyId, scope), key: createSecretKey(key) }
}

/** The parameters stand in the order of their names. The access key id is not URL-encoded: so do all AWS plugins. */
function requestHead(accessKeyId: string, scope: string): string {
  const credential = `${accessKeyId}%2F${encodeURIComponent(scope)}`
  return `PUT\n/authenticate\nX-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Date=`
}

/** HMAC-SHA-256 of Node in the shape that the SDK asks for. */
class Sha256 {
  readonly #hmac

  constructor(secret: string | ArrayBuffer | ArrayBufferView = '') {
    this.#hmac = createHmac('sha256', typeof secret === 'string' ? secret : bytesOf(secret))
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hmac.update(typeof data === 'string' ? data : bytesOf(data))
  }

  async digest(): Promise<Uint8Array> {
    return this.#hmac.digest()
  }
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data)
}
