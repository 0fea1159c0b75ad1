import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { loadPackage } from '../../src/lib/load-package.js'
import { cached } from '../../src/sources/cached.js'
import { fromSecretsManager, type SecretsManagerClient } from '../../src/sources/from-secrets-manager.js'
import { accepted, login, type Password, refused, settled } from '../support/logins.js'
import { ManualClock } from '../support/manual-clock.js'

/** As much of the service as its documentation says of GetSecretValue (AWS JSON 1.1). */
class Service {
  readonly requests: { target: string | undefined; body: Record<string, unknown> }[] = []
  /** What it answers: status and body. */
  answer: [number, object | string] = [200, {}]
  readonly #server: Server = createServer(async (request, response) => {
    const body = await text(request)
    this.requests.push({ target: request.headers['x-amz-target'] as string, body: JSON.parse(body) })
    const [status, answer] = this.answer
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  })

  secret(SecretString: string): void {
    this.answer = [200, { Name: 'db', VersionStages: ['AWSCURRENT'], SecretString }]
  }

  start = () => new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  stop = () => new Promise((resolve) => this.#server.close(resolve))

  client(): SecretsManager {
    const { port } = this.#server.address() as AddressInfo
    return new SecretsManager({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' },
      maxAttempts: 1,
    })
  }
}

async function text(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}

/** The error as a provider or a cache would see it. */
const errorOf = (client: SecretsManagerClient) =>
  login(cached(fromSecretsManager<Password>({ secretId: 'db', client }))).error()

const alice = (password: string) => JSON.stringify({ username: 'alice', password })

describe('fromSecretsManager, with the client of the SDK', () => {
  const service = new Service()
  let client: SecretsManager
  beforeAll(async () => {
    await service.start()
    client = service.client()
  })
  afterAll(async () => {
    client.destroy()
    await service.stop()
  })
  beforeEach(() => {
    service.requests.length = 0
  })

  test('reads the current version of a JSON secret', async () => {
    service.secret(alice('correct horse'))
    const source = fromSecretsManager<Password>({ secretId: 'db', client })
    expect(await login(source).credentials).toEqual({ username: 'alice', password: 'correct horse' })
    expect(service.requests).toEqual([{ target: 'secretsmanager.GetSecretValue', body: { SecretId: 'db' } }])
  })

  test('takes fields under other names, and what a function makes of the text', async () => {
    service.secret('{"user": "alice", "pass": "x", "host": "db.example"}')
    const fields = fromSecretsManager({
      secretId: 'db',
      client,
      fields: { username: 'user', password: 'pass' },
    })
    expect(await login(fields).credentials).toEqual({ username: 'alice', password: 'x' })
    service.secret('just the password')
    const parse = (password: string) => ({ username: 'alice', password })
    const parsed = fromSecretsManager({ secretId: 'db', client, parse })
    expect(await login(parsed).password()).toBe('just the password')
  })

  test('rotated: the next attempt after a refusal has the new version', async () => {
    const clock = new ManualClock()
    const source = cached(fromSecretsManager<Password>({ secretId: 'db', client }), { clock })
    service.secret(alice('old'))
    expect(await accepted(source)).toBe('old')
    expect(await accepted(source)).toBe('old')
    service.secret(alice('new'))
    expect(await refused(source)).toBe('old')
    clock.advance(1_000)
    expect(await accepted(source)).toBe('new')
    expect(service.requests).toHaveLength(2)
  })

  test('no such secret: CREDENTIALS_NOT_CONFIGURED', async () => {
    service.answer = [400, { __type: 'ResourceNotFoundException', Message: "Secrets Manager can't find it." }]
    const error = await errorOf(client)
    expect(error.code).toBe('CREDENTIALS_NOT_CONFIGURED')
    expect(error.message).toContain('db')
  })

  test('what else the service refuses: SOURCE_FAILED, with its error', async () => {
    service.answer = [400, { __type: 'AccessDeniedException', Message: 'Not authorized to read it.' }]
    const error = await errorOf(client)
    expect(error).toMatchObject({ code: 'SOURCE_FAILED', cause: { name: 'AccessDeniedException' } })
  })

  test.each([
    ['no JSON', { SecretString: 'hunter2' }],
    ['a JSON text', { SecretString: '"hunter2"' }],
    ['binary', { SecretBinary: Buffer.from('hunter2').toString('base64') }],
  ])('a secret that is %s: CREDENTIALS_INVALID without a piece of it', async (_, answer) => {
    service.answer = [200, { Name: 'db', ...answer }]
    const error = await errorOf(client)
    expect(error).toMatchObject({ code: 'CREDENTIALS_INVALID', cause: undefined })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2')
  })

  test('an answer that breaks off shows nothing of itself', async () => {
    service.answer = [200, '{"SecretString": "{\\"password\\": \\"hunter2']
    const error = await errorOf(client)
    expect(error.code).toBe('SOURCE_FAILED')
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2')
  })

  test('a login that gives up ends the request', async () => {
    const waiting: SecretsManagerClient = {
      getSecretValue: (_, { abortSignal } = {}) =>
        new Promise((_resolve, reject) => {
          abortSignal?.addEventListener('abort', () => reject(abortSignal.reason))
        }),
    }
    const attempt = login(fromSecretsManager<Password>({ secretId: 'db', client: waiting }))
    await settled()
    attempt.abort()
    expect(await attempt.error()).toMatchObject({
      code: 'SOURCE_FAILED',
      cause: expect.objectContaining({ message: 'the deadline has passed' }),
    })
  })

  test('without a client, makes one of the package, once, at the first call', async () => {
    service.secret(alice('correct horse'))
    const endpoint = await client.config.endpoint?.()
    const before = { ...process.env }
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${endpoint?.port}`,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
    })
    try {
      const source = fromSecretsManager<Password>({ secretId: 'db', region: 'eu-central-1' })
      expect(await login(source).password()).toBe('correct horse')
      expect(await login(source).password()).toBe('correct horse')
    } finally {
      process.env = before
    }
  })
})

describe('options', () => {
  const client = { getSecretValue: () => ({}) }
  test.each([
    {},
    { secretId: '' },
    { secretId: '{"password": "hunter2"}' },
    { secretId: 'db', regoin: 'eu-central-1' },
    { secretId: 'db', client: null },
    null,
    { secretId: 'db', client: {} },
    { secretId: 'db', client, region: 'eu-central-1' },
    { secretId: 'db', fields: {} },
    { secretId: 'db', parse: 'json' },
    { secretId: 'db', parse: () => ({}), fields: { username: 'u' } },
  ])('%p: OPTION_INVALID', (options) => {
    expect(() => fromSecretsManager(options as never)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })
})

describe('a package that is not installed', () => {
  const load = (error: Error) => loadPackage('some-package', 'fromSomewhere', () => Promise.reject(error))
  const notFound = (name: string, code: string) =>
    Object.assign(new Error(`Cannot find module '${name}'`), { code })

  test.each(['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'])(
    'PACKAGE_MISSING, which names it (%s)',
    async (code) => {
      const error = await load(notFound('some-package', code)).catch((reason) => reason)
      expect(error).toMatchObject({ code: 'PACKAGE_MISSING', fault: 'config' })
      expect(error.message).toContain('fromSomewhere needs the package some-package')
    },
  )

  test('one that lacks something in turn says so itself', async () => {
    const error = notFound('other-package', 'MODULE_NOT_FOUND')
    await expect(load(error)).rejects.toBe(error)
  })
})
