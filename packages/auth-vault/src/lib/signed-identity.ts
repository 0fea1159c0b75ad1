import { createHash, createHmac } from 'node:crypto'

/** AWS keys, with the field names of the AWS SDK v3. */
export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

export interface IdentityRequest {
  readonly endpoint: URL
  readonly region: string
  /** For the header X-Vault-AWS-IAM-Server-ID. With it, another Vault does not accept the request. */
  readonly serverId: string | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
}

export interface SignedRequest {
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

const body = 'Action=GetCallerIdentity&Version=2011-06-15'

/**
 * The request sts:GetCallerIdentity, signed with the signer of the AWS SDK. It is not sent to AWS here: Vault sends it,
 * and AWS tells Vault who signed it. The signer is loaded here, at the first login.
 */
export async function signedIdentity(
  { accessKeyId, secretAccessKey, sessionToken }: AwsKeys,
  { endpoint, region, serverId, now }: IdentityRequest,
): Promise<SignedRequest> {
  const { SignatureV4 } = require('@smithy/signature-v4') as typeof import('@smithy/signature-v4')
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
  const signer = new SignatureV4({
    service: 'sts',
    region,
    credentials,
    sha256: Sha256,
    applyChecksum: false,
  })
  const headers = {
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    host: endpoint.host,
    ...(serverId !== undefined && { 'x-vault-aws-iam-server-id': serverId }),
  }
  const { protocol, hostname, pathname: path } = endpoint
  const request = { method: 'POST', protocol, hostname, path, query: {}, headers, body }
  const signed = await signer.sign(request, { signingDate: new Date(now) })
  return { url: endpoint.href, body, headers: signed.headers }
}

/** SHA-256 and HMAC-SHA-256 of Node.js, in the shape that the SDK needs. */
class Sha256 {
  readonly #hash

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret))
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data))
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data)
}
