import { createHash, createHmac } from 'node:crypto'

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

const identityBody = 'Action=GetCallerIdentity&Version=2011-06-15'
const algorithm = 'AWS4-HMAC-SHA256'

/**
 * The request sts:GetCallerIdentity, signed (AWS Signature Version 4, "Create a signed AWS API request") and not sent: Vault
 * sends it, and learns from AWS who signed it.
 */
export function signedIdentity(
  keys: AwsKeys,
  { endpoint, region, serverId, now }: IdentityRequest,
): SignedRequest {
  const time = `${new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
  const headers: Record<string, string> = {
    'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8',
    Host: endpoint.host,
    'X-Amz-Date': time,
    ...(keys.sessionToken !== undefined && { 'X-Amz-Security-Token': keys.sessionToken }),
    ...(serverId !== undefined && { 'X-Vault-AWS-IAM-Server-ID': serverId }),
  }
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.trim()] as const)
  const sorted = lower.sort(([a], [b]) => (a < b ? -1 : 1))
  const names = sorted.map(([name]) => name).join(';')
  const lines = sorted.map(([name, value]) => `${name}:${value.replace(/ +/g, ' ')}\n`).join('')
  const canonical = ['POST', '/', '', lines, names, sha256(identityBody)].join('\n')
  const scope = `${time.slice(0, 8)}/${region}/sts/aws4_request`
  const key = scope
    .split('/')
    .reduce<string | Buffer>((from, part) => hmac(from, part), `AWS4${keys.secretAccessKey}`)
  const signature = hmac(key, [algorithm, time, scope, sha256(canonical)].join('\n')).toString('hex')
  const credential = `${keys.accessKeyId}/${scope}`
  headers['Authorization'] =
    `${algorithm} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`
  return { url: endpoint.href, body: identityBody, headers }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
