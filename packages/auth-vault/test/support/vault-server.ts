import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Clock } from '@x/auth-core'

/** The answer to a request: a status and a body. */
interface Reply {
  readonly status: number
  readonly body?: object | string
  readonly headers?: Record<string, string>
}

interface Token {
  readonly id: string
  readonly accessor: number
  expiresAt: number
  readonly maxAt: number
  readonly ttl: number
  readonly renewable: boolean
  readonly leases: Set<string>
}

interface DatabaseLease {
  readonly id: string
  readonly username: string
  readonly password: string
  readonly role: Role
  expiresAt: number
  readonly maxAt: number
}

/** A dynamic role; seconds. */
export interface Role {
  ttl: number
  maxTtl: number
  renewable?: boolean
}

/** A received request. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly token: string | undefined
  readonly namespace: string | undefined
  readonly body: Record<string, unknown>
}

/** The client, as far as TLS knows it. */
export interface Peer {
  readonly certified: boolean
}

/** How many seconds a token of a login lives. */
interface TokenLife {
  ttl: number
  maxTtl: number
  renewable: boolean
}

/**
 * A Vault for tests, written from the documentation of the HTTP API: tokens, leases, wrapping, the database and the
 * key-value engines, with the clock of the test. It shares no code with the client.
 */
export class VaultServer {
  sealed = false
  /** If it is set, it answers every request instead of the server. */
  fault: ((seen: Seen) => Reply | 'reset' | 'never' | undefined) | undefined
  readonly seen: Seen[] = []
  /** Off for a run with so many requests that they would fill the memory. */
  recording = true
  readonly roles = new Map<string, Role>([['app', { ttl: 3_600, maxTtl: 86_400 }]])
  readonly staticRoles = new Map<
    string,
    { username: string; periodS: number; rotatedAt: number; version: number }
  >()
  readonly kv1 = new Map<string, Record<string, unknown>>()
  readonly kv2 = new Map<string, Record<string, unknown> | null>()
  /** The current users of the database. */
  readonly users = new Map<string, string>()
  usersMade = 0
  /** TCP connections, if the server listens. */
  connections = 0
  staticPassword = (version: number): string => `static-${version}`
  makeToken = (): string => `hvs.${randomBytes(24).toString('base64url')}`
  makePassword = (): string => randomBytes(12).toString('base64url')
  tokenLife: TokenLife = { ttl: 3_600, maxTtl: 86_400, renewable: true }
  /** Instead of policies: the paths that a token may not use. */
  denied: RegExp | undefined
  /** For each login path, whether the body of a login is right. */
  readonly logins = new Map<string, (body: Record<string, unknown>, peer: Peer) => boolean>()
  readonly #wrapped = new Map<string, { path: string; data: Record<string, unknown> }>()
  readonly #tokens = new Map<string, Token>()
  readonly #leases = new Map<string, DatabaseLease>()
  readonly #clock: Pick<Clock, 'now'>
  #server: Server | undefined

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  get now(): number {
    return this.#clock.now()
  }

  /** The address, if the server listens. */
  get address(): string {
    const address = this.#server?.address() as AddressInfo | undefined
    const scheme = this.#server && 'setSecureContext' in this.#server ? 'https' : 'http'
    return `${scheme}://127.0.0.1:${address?.port}`
  }

  async listen(tls?: { cert: string; key: string; ca?: string }): Promise<this> {
    const handle = (request: IncomingMessage, response: ServerResponse) =>
      void this.#handle(request, response)
    const certificates = tls && { ...tls, requestCert: tls.ca !== undefined, rejectUnauthorized: false }
    this.#server = certificates ? createTlsServer(certificates, handle) : createServer(handle)
    this.#server.on('connection', () => this.connections++)
    await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', resolve))
    return this
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise((resolve) => this.#server?.close(resolve))
  }

  /** A token as an operator makes it; 0 for one without an end. */
  createToken({ ttl, maxTtl, renewable }: TokenLife = { ttl: 0, maxTtl: 0, renewable: false }): string {
    const id = this.makeToken()
    const now = this.#clock.now()
    const end = (seconds: number) => (seconds === 0 ? Number.POSITIVE_INFINITY : now + seconds * 1_000)
    const expiresAt = Math.min(end(ttl), end(maxTtl))
    this.#tokens.set(id, {
      id,
      accessor: this.#tokens.size,
      expiresAt,
      maxAt: end(maxTtl),
      ttl,
      renewable,
      leases: new Set(),
    })
    return id
  }

  revokeToken(id: string): void {
    for (const lease of this.#tokens.get(id)?.leases ?? []) this.#dropLease(lease)
    this.#tokens.delete(id)
  }

  revokeAllTokens(): void {
    for (const id of [...this.#tokens.keys()]) this.revokeToken(id)
  }

  revokeLeases(): void {
    for (const id of [...this.#leases.keys()]) this.#dropLease(id)
  }

  wrap(path: string, data: Record<string, unknown>): string {
    const id = `hvs.wrap${randomBytes(12).toString('base64url')}`
    this.#wrapped.set(id, { path, data })
    return id
  }

  get tokens(): number {
    this.#expire()
    return this.#tokens.size
  }

  get leases(): number {
    this.#expire()
    return this.#leases.size
  }

  /** Requests of this kind so far. */
  count(path: RegExp): number {
    return this.seen.filter((each) => path.test(each.path)).length
  }

  /** A fetch in this process, without a socket: all effects of a request are done when the promises have settled. */
  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const { signal, method = 'GET', headers, body } = init ?? {}
    signal?.throwIfAborted()
    const text = typeof body === 'string' ? body : ''
    const { pathname } = new URL(String(input))
    const reply = this.#reply(method, pathname, new Headers(headers), text, { certified: false })
    if (reply === 'reset')
      throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNRESET' }) })
    if (reply === 'never') {
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
    }
    const { status, headers: sent = {} } = reply
    return new Response(status === 204 ? null : bodyOf(reply), { status, headers: sent })
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString('utf8')
    const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const peer = { certified: (request.socket as TLSSocket).authorized === true }
    const reply = this.#reply(request.method ?? '', request.url ?? '', headers, text, peer)
    if (reply === 'never') return
    if (reply === 'reset') {
      request.socket.destroy()
      return
    }
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
    response.end(bodyOf(reply))
  }

  #reply(method: string, path: string, headers: Headers, text: string, peer: Peer) {
    const seen: Seen = {
      method,
      path: path.replace('/v1/', ''),
      token: headers.get('x-vault-token') ?? undefined,
      namespace: headers.get('x-vault-namespace') ?? undefined,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    }
    if (this.recording) this.seen.push(seen)
    this.#expire()
    return this.fault?.(seen) ?? this.#answer(seen, peer)
  }

  #answer(seen: Seen, peer: Peer): Reply {
    if (this.sealed) return failure(503, 'Vault is sealed')
    const { path, body } = seen
    if (/^auth\/.+\/login$/.test(path)) return this.#login(path, body, peer)
    if (path === 'sys/wrapping/lookup') return this.#lookupWrapping(String(body['token']))
    if (path === 'sys/wrapping/unwrap') return this.#unwrap(seen.token ?? '')
    const token = this.#tokens.get(seen.token ?? '')
    if (!token) return failure(403, '2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n')
    if (this.denied?.test(path)) return failure(403, '1 error occurred:\n\t* permission denied\n\n')
    return this.#authorized(seen, token)
  }

  #authorized({ method, path, body }: Seen, token: Token): Reply {
    if (path === 'auth/token/lookup-self') {
      const ttl = token.expiresAt === Number.POSITIVE_INFINITY ? 0 : this.#left(token.expiresAt)
      return success({ data: { ttl, renewable: token.renewable } })
    }
    if (path === 'auth/token/renew-self') return this.#renewToken(token)
    if (path === 'auth/token/revoke-self') {
      this.revokeToken(token.id)
      return { status: 204 }
    }
    if (path === 'sys/leases/renew')
      return this.#renewLease(String(body['lease_id']), Number(body['increment']))
    if (path === 'sys/leases/revoke') return this.#revoke(String(body['lease_id']))
    const [, creds] = /^database\/creds\/(.+)$/.exec(path) ?? []
    if (creds !== undefined && method === 'GET') return this.#createUser(creds, token)
    const [, fixed] = /^database\/static-creds\/(.+)$/.exec(path) ?? []
    if (fixed !== undefined && method === 'GET') return this.#staticUser(fixed)
    if (path.startsWith('secret/data/')) return this.#readKv2(path.slice('secret/data/'.length))
    if (path.startsWith('kv/')) return this.#readKv1(path.slice('kv/'.length))
    return failure(404, `no handler for route "${path}". route entry not found.`)
  }

  #login(path: string, body: Record<string, unknown>, peer: Peer): Reply {
    const right = this.logins.get(path)
    if (!right) return failure(404, `no handler for route "${path}". route entry not found.`)
    if (!right(body, peer)) return failure(400, 'invalid role or secret ID')
    return success({ auth: this.#auth(this.#tokens.get(this.createToken(this.tokenLife)) as Token) })
  }

  #auth(token: Token) {
    const { id, renewable } = token
    return { client_token: id, lease_duration: this.#left(token.expiresAt), renewable, token_type: 'service' }
  }

  #renewToken(token: Token): Reply {
    if (!token.renewable) return failure(400, 'lease is not renewable')
    token.expiresAt = Math.min(this.#clock.now() + token.ttl * 1_000, token.maxAt)
    return success({ auth: this.#auth(token) })
  }

  #createUser(name: string, token: Token): Reply {
    const role = this.roles.get(name)
    if (!role) return failure(400, `unknown role: ${name}`)
    const username = `v-app-${name}-${this.usersMade++}`
    const password = this.makePassword()
    const id = `database/creds/${name}/${randomBytes(9).toString('base64url')}`
    const now = this.#clock.now()
    const seconds = Math.min(role.ttl, role.maxTtl)
    const lease = {
      id,
      username,
      password,
      role,
      expiresAt: now + seconds * 1_000,
      maxAt: now + role.maxTtl * 1_000,
    }
    this.#leases.set(id, lease)
    token.leases.add(id)
    this.users.set(username, password)
    const renewable = role.renewable ?? true
    return success({ lease_id: id, lease_duration: seconds, renewable, data: { username, password } })
  }

  #renewLease(id: string, increment: number): Reply {
    const lease = this.#leases.get(id)
    if (!lease) return failure(400, 'lease not found')
    if (lease.role.renewable === false) return failure(400, 'lease is not renewable')
    const now = this.#clock.now()
    lease.expiresAt = Math.min(now + Math.min(increment, lease.role.ttl) * 1_000, lease.maxAt)
    return success({ lease_id: id, lease_duration: this.#left(lease.expiresAt), renewable: true })
  }

  #revoke(id: string): Reply {
    this.#dropLease(id)
    return { status: 204 }
  }

  #staticUser(name: string): Reply {
    const role = this.staticRoles.get(name)
    if (!role) return failure(400, `unknown static role: ${name}`)
    const { username, periodS, version, rotatedAt } = role
    const ttl = Math.max(0, Math.ceil((rotatedAt + periodS * 1_000 - this.#clock.now()) / 1_000))
    return success({
      data: { username, password: this.staticPassword(version), ttl, rotation_period: periodS },
    })
  }

  #readKv2(path: string): Reply {
    const data = this.kv2.get(path)
    if (data === undefined) return failure(404)
    const metadata = {
      version: 1,
      destroyed: false,
      deletion_time: data === null ? '2026-01-01T00:00:00Z' : '',
    }
    return { status: data === null ? 404 : 200, body: { data: { data, metadata } } }
  }

  #readKv1(path: string): Reply {
    const data = this.kv1.get(path)
    return data ? success({ lease_duration: 2_764_800, data }) : failure(404)
  }

  #lookupWrapping(id: string): Reply {
    const wrapped = this.#wrapped.get(id)
    return wrapped
      ? success({ data: { creation_path: wrapped.path, creation_ttl: 60 } })
      : failure(400, 'wrapping token is not valid or does not exist')
  }

  #unwrap(id: string): Reply {
    const wrapped = this.#wrapped.get(id)
    this.#wrapped.delete(id)
    return wrapped
      ? success({ data: wrapped.data })
      : failure(400, 'wrapping token is not valid or does not exist')
  }

  #left(expiresAt: number): number {
    return Math.max(0, Math.floor((expiresAt - this.#clock.now()) / 1_000))
  }

  #dropLease(id: string): void {
    this.users.delete(this.#leases.get(id)?.username ?? '')
    this.#leases.delete(id)
  }

  /** Removes what has expired. Leases end with their token. */
  #expire(): void {
    const now = this.#clock.now()
    for (const [id, { expiresAt }] of this.#tokens) if (expiresAt <= now) this.revokeToken(id)
    for (const [id, { expiresAt }] of this.#leases) if (expiresAt <= now) this.#dropLease(id)
    for (const role of this.staticRoles.values()) {
      for (; role.rotatedAt + role.periodS * 1_000 <= now; role.version++)
        role.rotatedAt += role.periodS * 1_000
    }
  }
}

function bodyOf({ body }: Reply): string {
  return typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body)
}

function success(body: object): Reply {
  return { status: 200, body }
}

function failure(status: number, ...errors: string[]): Reply {
  return { status, body: { errors } }
}
