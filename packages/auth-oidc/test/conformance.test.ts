/** Runs the suite for sources on each source of this package. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SourceState, type SourceSubject, sourceSuite } from '@x/auth-conformance'
import type { CredentialSource } from '@x/auth-core'
import { authError } from '@x/auth-core/base'
import {
  clientCredentials,
  deviceCode,
  fromCallback,
  tokenAsPassword,
  tokenExchange,
  tokenFile,
} from '../src/index.js'
import { unsigned } from './support/tokens.js'

const anHour = () => Math.floor(Date.now() / 1_000) + 3_600
const tokenOf = (label: string) => unsigned({ jti: `token-${label}`, exp: anHour() })

/** An authorization server in any state. It may repeat everything that it gets. */
class Endpoint {
  state: SourceState = 'good'
  token = ''
  readonly #server: Server

  constructor() {
    this.#server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () =>
        this.#answer(request.url ?? '', `${request.headers.authorization} ${body}`, response),
      )
    })
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo | null)?.port ?? 1}`
  }

  #answer(path: string, told: string, response: import('node:http').ServerResponse): void {
    const { url, token, state } = this
    const send = (status: number, body: object | string) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    }
    if (state === 'stuck') return
    if (path.startsWith('/.well-known')) {
      return send(200, {
        issuer: url,
        token_endpoint: `${url}/token`,
        device_authorization_endpoint: `${url}/device`,
      })
    }
    if (state === 'failing')
      return send(400, { error: 'invalid_client', error_description: `${told} ${token}` })
    if (state === 'malformed') return send(200, JSON.stringify({ access_token: token, told }).slice(0, -4))
    if (path === '/device') {
      const more = { user_code: 'A', verification_uri: url, expires_in: 60, interval: 0.001 }
      return send(200, { device_code: told, ...more })
    }
    send(200, { access_token: token, token_type: 'Bearer', expires_in: 3_600 })
  }
}

const endpoint = new Endpoint()
beforeAll(() => endpoint.start())
afterAll(() => endpoint.stop())

/** A source that asks the endpoint. */
function asking(
  name: string,
  create: (issuer: string, secret: string) => CredentialSource<unknown>,
): SourceSubject {
  return {
    kind: 'source',
    name,
    states: ['good', 'failing', 'malformed', 'stuck'],
    expires: true,
    create({ label, state }) {
      const secret = `secret+word/${label}`
      const become = (next: SourceState) => {
        endpoint.state = next
      }
      become(state)
      endpoint.token = tokenOf(label)
      const { token } = endpoint
      return { source: create(endpoint.url, secret), expected: { token }, secrets: [secret, token], become }
    },
  }
}

const common = { clientId: 'app', requestTimeoutMs: 60_000 } as const

const subjects: SourceSubject[] = [
  asking('clientCredentials', (issuer, clientSecret) =>
    clientCredentials({ issuer, clientSecret, ...common }),
  ),
  asking('clientCredentials with the method post', (issuer, clientSecret) =>
    clientCredentials({ issuer, clientSecret, tokenEndpointAuthMethod: 'client_secret_post', ...common }),
  ),
  asking('tokenExchange', (issuer, subjectToken) =>
    tokenExchange({ issuer, subjectToken, clientSecret: subjectToken, ...common }),
  ),
  asking('deviceCode', (issuer, clientSecret) =>
    deviceCode({ issuer, clientSecret, prompt: () => undefined, ...common }),
  ),
  {
    kind: 'source',
    name: 'tokenFile',
    states: ['good', 'unconfigured', 'malformed', 'failing'],
    expires: true,
    create({ label, state }) {
      const folder = mkdtempSync(join(tmpdir(), 'x-auth-oidc-'))
      const path = join(folder, 'token')
      const token = tokenOf(label)
      const become = (next: SourceState) => {
        rmSync(path, { force: true })
        if (next === 'good') writeFileSync(path, token)
        // Cut off, and expired.
        if (next === 'malformed') writeFileSync(path, token.slice(0, token.lastIndexOf('.')))
        if (next === 'failing') writeFileSync(path, unsigned({ jti: label, exp: 1 }))
      }
      become(state)
      const source = tokenFile({ path, settleMs: 1 })
      const close = () => rmSync(folder, { recursive: true })
      return { source, expected: { token }, secrets: [token, `token-${label}`], become, close }
    },
  },
  callback('fromCallback', (source, token) => ({ source, expected: { token } })),
  callback('tokenAsPassword', (source, password) => ({
    source: tokenAsPassword(source, { username: 'app' }),
    expected: { username: 'app', password },
  })),
]

type Tokens = ReturnType<typeof fromCallback>

function callback(
  name: string,
  wrap: (
    source: Tokens,
    token: string,
  ) => { source: CredentialSource<unknown>; expected: Readonly<Record<string, unknown>> },
): SourceSubject {
  return {
    kind: 'source',
    name,
    states: ['good', 'failing', 'unconfigured', 'malformed', 'stuck'],
    expires: true,
    create({ label, state: first }) {
      let state = first
      const token = tokenOf(label)
      const source = fromCallback(async () => {
        if (state === 'failing') throw new Error(`the SDK quotes ${token}`)
        if (state === 'unconfigured') throw authError('CREDENTIALS_NOT_CONFIGURED')
        if (state === 'stuck') return new Promise<never>(() => undefined)
        return state === 'malformed' ? `${token}\n` : token
      })
      const become = (next: SourceState) => {
        state = next
      }
      return { ...wrap(source, token), secrets: [token], become }
    },
  }
}

for (const subject of subjects) sourceSuite(subject, { describe, test })
