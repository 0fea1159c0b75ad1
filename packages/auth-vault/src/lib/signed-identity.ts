import { createHash, createHmac } from 'node:crypto'

/** As the AWS SDK v3 writes them. */
export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

export interface IdentityRequest {
  readonly endpoint: URL
  readonly region: string
  /** For the header X-Vault-AWS-IAM-Server-ID: a request made for one Vault is worth nothing at another. */
  readonly serverId: string | undefined
  readonly now: number
}

export interface SignedRequest {
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

const body = 'Action=GetCallerIdentity&Version=2011-06-15'

/**
 * The request sts:GetCallerIdentity, signed by the signer of the AWS SDK and not sent: Vault sends it, and learns from AWS who
 * signed it. The signer is loaded here, at the first login.
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

/** SHA-256 and its HMAC of Node.js in the shape that the SDK asks for. */
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
