import { type ChildProcess, fork } from 'node:child_process'
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { join } from 'node:path'

export interface Fault {
  readonly path: string
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly hang?: boolean
  readonly reset?: boolean
  readonly times?: number
}

interface Setup {
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca: string }
  readonly clients?: readonly Readonly<Record<string, unknown>>[]
}

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly authorization: boolean
  readonly body: string
}

/** `oidc-provider` in its own process. */
export class AuthorizationServer {
  readonly url: string
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>()
  #id = 0

  static async start(setup: Setup = {}): Promise<AuthorizationServer> {
    const child = fork(join(__dirname, 'provider-process.mjs'), [JSON.stringify(setup)], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const url = await new Promise<string>((resolve, reject) => {
      child.once('message', (message: { url: string }) => resolve(message.url))
      child.once('exit', (code) => reject(new Error(`the provider ended with ${code}`)))
    })
    return new AuthorizationServer(child, url)
  }

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
    child.on('message', ({ id, result, error }: { id: number; result: never; error?: string }) => {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) waiting?.resolve(result)
      else waiting?.reject(new Error(error))
    })
  }

  rotateKeys(): Promise<void> {
    return this.#call('rotateKeys')
  }

  forgetOldKeys(): Promise<void> {
    return this.#call('forgetOldKeys')
  }

  set(state: { ttl?: number; skewMs?: number; faults?: readonly Fault[] }): Promise<void> {
    return this.#call('set', state)
  }

  /** The requests since the last call. */
  requests(): Promise<readonly SeenRequest[]> {
    return this.#call('requests')
  }

  /** The person signs in as `account`, or refuses. */
  decide(userCode: string, account?: string): Promise<void> {
    return this.#call('decide', userCode, account)
  }

  async keys(): Promise<readonly (JsonWebKey & { kid: string })[]> {
    const response = await fetch(`${this.url}/jwks`)
    return ((await response.json()) as { keys: (JsonWebKey & { kid: string })[] }).keys
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.send({ id: -1, call: 'close', args: [] })
    await ended
  }

  #call<T>(call: string, ...args: unknown[]): Promise<T> {
    const id = ++this.#id
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as never, reject })
      this.#child.send({ id, call, args })
    })
  }
}

/** The user for each token, as in a server that verifies JWTs by their keys; for `oauthBearerServer`. */
export class VerifiedTokens extends Map<string, string> {
  trusted: readonly (JsonWebKey & { kid: string })[] = []
  readonly revoked = new Set<string>()
  audience = 'https://cassandra.example'
  now = () => Date.now()
  readonly asked = new Set<string>()

  override get(token: string): string | undefined {
    this.asked.add(token)
    const [header = '', payload = '', signature = ''] = token.split('.')
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
    const key = this.trusted.find(({ kid }) => kid === read(header).kid)
    if (!key || this.revoked.has(token)) return undefined
    const bytes = Buffer.from(`${header}.${payload}`)
    const valid = verify(
      'sha256',
      bytes,
      createPublicKey({ key, format: 'jwk' }),
      Buffer.from(signature, 'base64url'),
    )
    const { aud, exp, client_id: client, sub } = read(payload)
    return valid && aud === this.audience && exp * 1_000 > this.now() ? (sub ?? client) : undefined
  }
}
