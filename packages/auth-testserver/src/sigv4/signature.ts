import { createHash, createHmac } from 'node:crypto'

/** What a signature covers, and the secret. */
export interface SignedLogin {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
  /** The time of the signature, such as `2020-06-09T22:41:51.000Z`. */
  readonly amzDate: string
  readonly nonce: Uint8Array
}

/**
 * The signature that a login must have, step by step as in "Signature Version 4 signing process", for the request that
 * clients of Amazon Keyspaces sign. It shares no code with a client, and keeps nothing between logins.
 */
export function expectedSignature({
  accessKeyId,
  secretAccessKey,
  region,
  amzDate,
  nonce,
}: SignedLogin): string {
  const day = `${amzDate.slice(0, 4)}${amzDate.slice(5, 7)}${amzDate.slice(8, 10)}`
  const scope = [day, region, 'cassandra', 'aws4_request']

  const query = [
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    // The key id is not encoded; the slashes of the scope are.
    ['X-Amz-Credential', [accessKeyId, ...scope].join('%2F')],
    ['X-Amz-Date', amzDate.split(':').join('%3A')],
    ['X-Amz-Expires', '900'],
  ]
  const canonicalRequest = [
    'PUT',
    '/authenticate',
    query.map((pair) => pair.join('=')).join('&'),
    'host:cassandra',
    '',
    'host',
    digest(nonce),
  ].join('\n')

  const stringToSign = ['AWS4-HMAC-SHA256', amzDate, scope.join('/'), digest(canonicalRequest)].join('\n')
  const key = scope.reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`, 'utf8'))
  return hmac(key, stringToSign).toString('hex')
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest()
}

function digest(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
