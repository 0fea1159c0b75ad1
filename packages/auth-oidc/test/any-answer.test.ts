/** For any answer of a server, the result is a token or a typed error, and never shows a secret. */
import { inspect } from 'node:util'
import { isAuthError } from '@x/auth-core'
import fc from 'fast-check'
import { clientCredentials, tokenExchange } from '../src/index.js'
import { context } from './support/asking.js'
import { SteppingClock } from './support/stepping-clock.js'

const issuer = 'https://login.example'
const known = [
  'invalid_client',
  'invalid_scope',
  'invalid_target',
  'invalid_grant',
  'access_denied',
  'slow_down',
  'temporarily_unavailable',
]

/** A part of an answer that may repeat what was sent. */
type Echo = (told: string) => unknown

const value: fc.Arbitrary<Echo> = fc.oneof(
  fc.constant<Echo>((told) => told),
  fc.constant<Echo>((told) => Buffer.from(told).toString('base64')),
  fc.constantFrom(...known).map<Echo>((word) => () => word),
  fc.jsonValue().map<Echo>((given) => () => given),
)

const body = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .dictionary(
        fc.constantFrom(
          'error',
          'error_description',
          'access_token',
          'token_type',
          'expires_in',
          'id_token',
          'scope',
          'issuer',
          'token_endpoint',
        ),
        value,
      )
      .map(
        (fields) => (told: string) =>
          JSON.stringify(Object.fromEntries(Object.entries(fields).map(([name, of]) => [name, of(told)]))),
      ),
  },
  { weight: 1, arbitrary: fc.string().map((text) => (told: string) => `${text}${told}`) },
  {
    weight: 1,
    arbitrary: fc.constant((told: string) => JSON.stringify({ access_token: told }).slice(0, -2)),
  },
)

const answers = fc.record({
  at: fc.constantFrom('discovery', 'token'),
  status: fc.constantFrom(200, 200, 201, 204, 302, 400, 401, 403, 404, 429, 500, 503),
  type: fc.constantFrom('application/json', 'text/html', 'application/json; charset=utf-8', ''),
  challenge: fc.constantFrom(undefined, 'Basic realm="x"', 'Bearer error="invalid_token"', ','),
  retryAfter: fc.constantFrom(undefined, '0', '1', '99999999999', 'soon', '-1'),
  body,
  throws: fc.boolean(),
})

test.each(['client_secret_basic', 'client_secret_post', 'exchange'] as const)('%s', async (how) => {
  await fc.assert(
    fc.asyncProperty(answers, async ({ at, status, type, challenge, retryAfter, body, throws }) => {
      const secret = `canary-${Math.random().toString(36).slice(2)}+/`
      const told: string[] = []
      const fetch = async (url: URL, init: { headers: Record<string, string>; body: string | null }) => {
        told.push(`${init.headers['authorization'] ?? ''} ${init.body ?? ''}`)
        const here = String(url).includes('.well-known') ? 'discovery' : 'token'
        if (here !== at) {
          const good =
            here === 'discovery'
              ? { issuer, token_endpoint: `${issuer}/token` }
              : { access_token: 'a', token_type: 'Bearer' }
          return new Response(JSON.stringify(good), { headers: { 'content-type': 'application/json' } })
        }
        const said = `${secret} ${told.join(' ')}`
        if (throws) throw Object.assign(new Error(said), { code: 'EXAMPLE', request: said })
        const headers = new Headers({ 'content-type': type })
        if (challenge !== undefined) headers.set('www-authenticate', challenge)
        if (retryAfter !== undefined) headers.set('retry-after', retryAfter)
        return new Response(status === 204 ? null : body(said), { status, headers })
      }
      const common = { issuer, clientId: 'app', fetch: fetch as never, clock: new SteppingClock() }
      const source =
        how === 'exchange'
          ? tokenExchange({ ...common, subjectToken: secret })
          : clientCredentials({ ...common, clientSecret: secret, tokenEndpointAuthMethod: how })
      try {
        const { token } = await source(context())
        expect(token).toEqual(expect.any(String))
      } catch (error) {
        expect(isAuthError(error) && `${error.code} ${error.message}`).toMatch(/^OIDC_/)
        const { message, stack, details } = error as Error & { details: object }
        const shown = [
          message,
          stack,
          JSON.stringify(error),
          JSON.stringify(details),
          inspect(error, { showHidden: true, getters: true, depth: 10 }),
        ].join()
        for (const form of formsOf(secret)) expect(shown).not.toContain(form)
      }
    }),
    { numRuns: 300 },
  )
})

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString('hex'),
    bytes.toString('base64').slice(0, 12),
    bytes.toString('base64url').slice(0, 12),
  ]
}
