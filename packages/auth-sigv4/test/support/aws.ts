import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SigV4KeyStore, SigV4Session } from '@x/auth-testserver'

/** One request that came in, and what a test asks about it. */
export interface AwsRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  /** Of STS: the fields of the form. */
  readonly form: URLSearchParams
  /** The access key that signed it, if it is signed. */
  readonly signedBy: string | undefined
  /** The region that it is signed for. */
  readonly region: string | undefined
}

type Behaviour = 'answer' | 'silent' | 'down' | { readonly status: number; readonly body: string }

/**
 * AWS on loopback, as far as credentials are concerned: STS, SSO, the container endpoint and the instance metadata, all
 * handing out sessions of one store.
 */
export class FakeAws {
  readonly requests: AwsRequest[] = []
  lifetimeMs = 3_600_000
  /** `down` answers 503; `silent` never. */
  behaviour: Behaviour = 'answer'
  /** Refuses a role, with STS's text. */
  refuse: ((request: AwsRequest) => string | undefined) | undefined
  now: () => number = Date.now
  /** The name of the role that the instance has. */
  instanceRole = 'instance'
  /** Sessions that are known beforehand, by the name of the role, instead of new ones. */
  sessionOf: ((name: string) => SigV4Session | undefined) | undefined
  readonly #keys: SigV4KeyStore
  readonly #server: Server

  private constructor(keys: SigV4KeyStore) {
    this.#keys = keys
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  static async start(keys: SigV4KeyStore): Promise<FakeAws> {
    const aws = new FakeAws(keys)
    await new Promise<void>((resolve) => aws.#server.listen(0, '127.0.0.1', resolve))
    return aws
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const received = describe(request, Buffer.concat(chunks).toString())
    this.requests.push(received)
    const { behaviour } = this
    if (behaviour === 'silent') return
    if (behaviour === 'down') return end(response, 503, 'text/plain', 'Service Unavailable')
    if (typeof behaviour === 'object') return end(response, behaviour.status, 'text/plain', behaviour.body)
    this.#route(received, response)
  }

  #route(request: AwsRequest, response: ServerResponse): void {
    const { path, method, form } = request
    if (form.has('Action')) return this.#sts(request, response)
    if (path.startsWith('/latest/api/token') && method === 'PUT')
      return end(response, 200, 'text/plain', 'imds-token')
    if (/\/security-credentials\/$/.test(path)) return end(response, 200, 'text/plain', 'instance-role')
    if (path.startsWith('/latest/meta-data/'))
      return json(response, { ...metadata(this.#issue(this.instanceRole)), Code: 'Success' })
    if (path.startsWith('/container')) return json(response, metadata(this.#issue(lastPart(path))))
    if (path.startsWith('/federation/credentials'))
      return json(response, { roleCredentials: sso(this.#issue(roleName(path))) })
    end(response, 404, 'text/plain', 'Not Found')
  }

  #sts(request: AwsRequest, response: ServerResponse): void {
    const action = request.form.get('Action') ?? ''
    const refusal = this.refuse?.(request)
    if (refusal !== undefined) return end(response, 403, 'text/xml', stsError(refusal))
    const session = this.#issue(lastPart(request.form.get('RoleArn') ?? ''))
    const body = `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>
      <AssumedRoleUser><Arn>${session.principal}</Arn><AssumedRoleId>AROA:x</AssumedRoleId></AssumedRoleUser>
      <Credentials><AccessKeyId>${session.accessKeyId}</AccessKeyId><SecretAccessKey>${session.secretAccessKey}</SecretAccessKey>
      <SessionToken>${session.sessionToken}</SessionToken><Expiration>${session.expiration.toISOString()}</Expiration></Credentials>
      </${action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${action}Response>`
    end(response, 200, 'text/xml', body)
  }

  #issue(name: string): SigV4Session {
    const known = this.sessionOf?.(name)
    if (known) return known
    const principal = `arn:aws:sts::123456789012:assumed-role/${name}/session`
    return this.#keys.issue({ lifetimeMs: this.lifetimeMs, principal, now: this.now() })
  }
}

function lastPart(path: string): string {
  return path.split('/').pop() ?? ''
}

function roleName(path: string): string {
  return new URL(path, 'http://localhost').searchParams.get('role_name') ?? ''
}

function describe(request: IncomingMessage, body: string): AwsRequest {
  const [, signedBy, region] =
    /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? []
  const form = new URLSearchParams(body.includes('Action=') ? body : '')
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    form,
    signedBy,
    region,
  }
}

function metadata({ accessKeyId, secretAccessKey, sessionToken, expiration }: SigV4Session) {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    Expiration: expiration.toISOString(),
  }
}

function sso({ accessKeyId, secretAccessKey, sessionToken, expiration }: SigV4Session) {
  return { accessKeyId, secretAccessKey, sessionToken, expiration: expiration.getTime() }
}

function stsError(message: string): string {
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code>
    <Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`
}

function json(response: ServerResponse, value: object): void {
  end(response, 200, 'application/json', JSON.stringify(value))
}

function end(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type }).end(body)
}
