/**
 * An authorization server for tests: `oidc-provider`, a certified implementation. It has its own process, because it is
 * an ES module and jest is not. It listens on loopback. Its parent controls it with messages `{ id, call, args }`, see
 * `calls`. The first message that it sends is `{ url }`.
 */
import { createPublicKey, X509Certificate } from 'node:crypto'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { exportJWK, generateKeyPair } from 'jose'

// It warns about what only tests do (own keys and cookies, http), and about Node.js 20, on which it works.
console.warn = () => undefined
console.info = () => undefined
const { default: Provider, errors } = await import('oidc-provider')

/** @typedef {{ tls?: { key: string, cert: string, ca: string }, clients?: Record<string, unknown>[] }} Setup */

/** @type {Setup} */
const { tls, clients = [] } = JSON.parse(process.argv[2] ?? '{}')
const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
const device = 'urn:ietf:params:oauth:grant-type:device_code'

/** The state for the next requests. */
const state = {
  ttl: 3_600,
  /** Answers instead of those of the provider: */
  faults: /** @type {any[]} */ ([]),
  requests: /** @type {{ method: string, path: string, authorization: boolean, body: string }[]} */ ([]),
  /** @type {any[]} */
  keys: [],
}

const realNow = Date.now
let skewMs = 0
Date.now = () => realNow() + skewMs

let keysMade = 0
async function newKey() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const kid = `key-${++keysMade}`
  return { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' }
}

/** @type {import('oidc-provider').Provider} */
let provider
/** @type {(request: any, response: any) => void} */
let answer

/** @type {import('oidc-provider').Configuration} */
const configuration = {
  clients: /** @type {any} */ (
    [
      { client_id: 'app', client_secret: 'app-secret-0123456789abcdef0123456789', scope: 'cql' },
      {
        client_id: 'post',
        client_secret: 'post-secret-0123456789abcdef012345678',
        token_endpoint_auth_method: 'client_secret_post',
      },
      {
        client_id: 'hmac',
        client_secret: 'hmac-secret-0123456789abcdef012345678',
        token_endpoint_auth_method: 'client_secret_jwt',
      },
      {
        client_id: 'terminal',
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        grant_types: [device, 'refresh_token'],
      },
      ...clients,
    ].map((client) => ({
      grant_types: ['client_credentials', exchange],
      redirect_uris: [],
      response_types: [],
      ...client,
    }))
  ),
  clientAuthMethods: [
    'none',
    'client_secret_basic',
    'client_secret_post',
    'client_secret_jwt',
    'private_key_jwt',
    ...(tls ? /** @type {const} */ (['tls_client_auth']) : []),
  ],
  scopes: ['openid', 'offline_access', 'cql'],
  cookies: { keys: ['of tests'] },
  ttl: {
    ClientCredentials: () => state.ttl,
    AccessToken: () => state.ttl,
    DeviceCode: 600,
    RefreshToken: 86_400,
    Grant: 86_400,
    IdToken: 3_600,
  },
  // Tests have no pages, so the consent of the person is assumed.
  issueRefreshToken: async () => true,
  findAccount: async (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  extraTokenClaims: (ctx) => (ctx.state['subject'] ? { subject: ctx.state['subject'] } : undefined),
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: async () => 'https://cassandra.example',
      useGrantedResource: async () => true,
      getResourceServerInfo: async (_ctx, resource) => {
        if (!resource.startsWith('https://cassandra')) throw new errors.InvalidTarget()
        return {
          scope: 'cql',
          audience: resource,
          accessTokenTTL: state.ttl,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }
      },
    },
    mTLS: {
      enabled: tls !== undefined,
      tlsClientAuth: true,
      getCertificate: (ctx) => {
        const raw = /** @type {any} */ (ctx.socket).getPeerCertificate?.().raw
        return raw && new X509Certificate(raw).toString()
      },
      certificateAuthorized: (ctx) => /** @type {any} */ (ctx.socket).authorized === true,
      certificateSubjectMatches: (ctx, _property, expected) =>
        /** @type {any} */ (ctx.socket).getPeerCertificate().subject.CN === expected.replace(/^CN=/, ''),
    },
  },
}

/** The part of RFC 8693 that tests need: the new token has the same subject. */
async function exchanged(/** @type {any} */ ctx) {
  const { subject_token: subject, audience, resource, scope } = ctx.oidc.params
  const [, payload] = subject?.split('.') ?? []
  /** @type {any} */
  let claims
  try {
    claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  } catch {
    throw new errors.InvalidGrant('the subject token is no JWT')
  }
  if (claims.exp * 1_000 <= Date.now()) throw new errors.InvalidGrant('the subject token has expired')
  const token = new provider.ClientCredentials(/** @type {any} */ ({ client: ctx.oidc.client, scope }))
  const server = /** @type {any} */ (configuration).features.resourceIndicators.getResourceServerInfo
  const wanted = resource ?? audience ?? 'https://cassandra.example'
  const info = await server(ctx, wanted, ctx.oidc.client)
  token.resourceServer = new provider.ResourceServer(wanted, info)
  ctx.state.subject = claims.sub
  ctx.body = {
    access_token: await token.save(),
    issued_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_type: 'N_A',
    expires_in: token.expiration,
  }
}

async function renewProvider() {
  provider = new Provider(url, { ...configuration, jwks: { keys: state.keys } })
  provider.registerGrantType(
    exchange,
    /** @type {any} */ ((/** @type {any} */ ctx, /** @type {any} */ next) => exchanged(ctx).then(next)),
    [
      'subject_token',
      'subject_token_type',
      'actor_token',
      'actor_token_type',
      'requested_token_type',
      'audience',
      'scope',
    ],
  )
  answer = provider.callback()
}

const calls = {
  async rotateKeys() {
    state.keys = [await newKey(), ...state.keys]
    await renewProvider()
  },
  /** Removes all keys except the newest. */
  async forgetOldKeys() {
    state.keys = state.keys.slice(0, 1)
    await renewProvider()
  },
  set: (/** @type {Partial<typeof state> & { skewMs?: number }} */ { skewMs: skew, ...more }) => {
    if (skew !== undefined) skewMs = skew
    Object.assign(state, more)
  },
  requests: () => state.requests.splice(0),
  /** The decision of the person who got the code. */
  async decide(/** @type {string} */ userCode, /** @type {string | undefined} */ accountId) {
    const code = /** @type {any} */ (
      await provider.DeviceCode.findByUserCode(userCode.replace(/[^A-Z0-9]/gi, ''))
    )
    if (accountId == null) Object.assign(code, { error: 'access_denied', errorDescription: 'no' })
    else {
      const grant = new provider.Grant({ accountId, clientId: code.clientId })
      grant.addOIDCScope('openid offline_access')
      grant.addResourceScope('https://cassandra.example', 'cql')
      Object.assign(code, {
        accountId,
        grantId: await grant.save(),
        scope: code.params.scope,
        authTime: Math.floor(Date.now() / 1_000),
        resource: 'https://cassandra.example',
        claims: undefined,
      })
    }
    await code.save()
  },
  async close() {
    server.close()
    server.closeAllConnections()
    process.disconnect()
  },
}

function serve(
  /** @type {import('node:http').IncomingMessage} */ request,
  /** @type {import('node:http').ServerResponse} */ response,
) {
  const path = request.url ?? ''
  let body = ''
  // It is read in addition to the provider, which has its own listeners.
  request.on('data', (chunk) => {
    body += chunk
  })
  const entry = {
    method: request.method ?? '',
    path,
    authorization: 'authorization' in request.headers,
    body: '',
  }
  request.on('end', () => {
    entry.body = body
  })
  state.requests.push(entry)
  const index = state.faults.findIndex((fault) => path.includes(fault.path))
  const [fault] = index < 0 ? [] : state.faults.slice(index, index + 1)
  if (!fault) return answer(request, response)
  fault.times = (fault.times ?? 1) - 1
  if (fault.times <= 0) state.faults.splice(index, 1)
  if (fault.hang) return
  if (fault.reset) return request.socket.destroy()
  response.writeHead(fault.status ?? 200, { 'content-type': 'application/json', ...fault.headers })
  response.end(typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body ?? {}))
}

const server = tls
  ? createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: false }, serve)
  : createServer(serve)
await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`
state.keys = [await newKey()]
await renewProvider()

process.on(
  'message',
  async (/** @type {{ id: number, call: keyof typeof calls, args: any[] }} */ { id, call, args }) => {
    try {
      const result = await /** @type {any} */ (calls[call])(...args)
      if (call !== 'close') process.send?.({ id, result })
    } catch (error) {
      process.send?.({ id, error: String(/** @type {any} */ (error).stack) })
    }
  },
)
process.on('disconnect', () => process.exit())
process.send?.({
  url,
  publicKey: createPublicKey({ key: state.keys[0], format: 'jwk' }).export({ format: 'jwk' }),
})
