/** Tests over sockets: an in-process server cannot play these cases. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createCertificateAuthority } from '@x/auth-testserver'
import { mutual, verifyServer } from '@x/tls-profiles'
import { unverified } from '@x/tls-profiles/danger'
import { vaultAppRole, vaultCertificate, vaultKv, vaultToken } from '../src/index.js'
import { impatientClock as clock, contextOf, failureOf } from './support/harness.js'
import { VaultServer } from './support/vault-server.js'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function vaultServer(tls?: Parameters<VaultServer['listen']>[0]): Promise<VaultServer> {
  const server = await new VaultServer(clock).listen(tls)
  open.push(() => server.close())
  server.kv2.set('db', { username: 'app', password: 'pw' })
  server.logins.set('auth/approle/login', ({ secret_id }) => secret_id === 's')
  return server
}

/** A server whose test answers each request. */
async function rawServer(answer: Parameters<typeof createServer>[1]): Promise<string> {
  const server: Server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const auth = vaultAppRole({ roleId: 'r', secretId: 's' })
const pin = `sha256/${Buffer.alloc(32).toString('base64')}`
const ask = (address: string, more: object = {}) =>
  vaultKv({ address, clock, auth, path: 'db', ...more })(contextOf())

/** Servers behind `fetch`: the first request is redirected, and no other is answered with success. */
function redirectedTo(elsewhere: string) {
  const asked: string[] = []
  const fetch = async (url: string | URL | Request) => {
    asked.push(new URL(String(url)).host)
    const headers = { location: `${elsewhere}/v1/x` }
    return asked.length === 1
      ? new Response(null, { status: 307, headers })
      : new Response('{}', { status: 400 })
  }
  return { asked, fetch }
}

test('a request with fetch', async () => {
  const { address } = await vaultServer()
  expect(await ask(address)).toEqual({ username: 'app', password: 'pw' })
})

test('Vault below a path', async () => {
  const vault = await vaultServer()
  const address = await rawServer(async (request, response) => {
    const inner = `${vault.address}${request.url?.replace('/vault', '')}`
    if (!request.url?.startsWith('/vault/v1/')) return void response.writeHead(404).end('{}')
    response.writeHead(307, { location: inner }).end()
  })
  const redirectHosts = [new URL(vault.address).host]
  expect(await ask(`${address}/vault/`, { redirectHosts })).toMatchObject({ username: 'app' })
})

test('a standby redirects, and the complete request goes to the active node', async () => {
  const active = await vaultServer()
  const standby = await vaultServer()
  standby.fault = ({ path }) => ({ status: 307, headers: { location: `${active.address}/v1/${path}` } })
  const redirectHosts = [new URL(active.address).host]
  expect(await ask(standby.address, { redirectHosts })).toMatchObject({ username: 'app' })
  expect(active.seen.map(({ method, body }) => [method, body])).toEqual([
    ['POST', { role_id: 'r', secret_id: 's' }],
    ['GET', {}],
  ])
})

test.each([
  ['the host of the address', 'https://vault.example:8200', {}, 'https://vault.example:8200'],
  [
    'a host of the list, with the port of the address',
    'https://vault.example:8200',
    { redirectHosts: ['Vault-2.example'] },
    'https://vault-2.example:8200',
  ],
  [
    'a host of the list, with its own port',
    'https://vault.example',
    { redirectHosts: ['vault-2.example:8200'] },
    'https://vault-2.example:8200',
  ],
  [
    'the port of https, by name',
    'https://vault.example:8200',
    { redirectHosts: ['vault.example:443'] },
    'https://vault.example',
  ],
  [
    'an IPv6 address',
    'https://vault.example:8200',
    { redirectHosts: ['2001:DB8::1'] },
    'https://[2001:db8::1]:8200',
  ],
  [
    'an IPv6 address with a port',
    'https://vault.example',
    { redirectHosts: ['[2001:DB8::1]:8200'] },
    'https://[2001:db8::1]:8200',
  ],
])('a redirect to %s is followed', async (_, address, options, active) => {
  const { asked, fetch } = redirectedTo(active)
  await failureOf(() => ask(address, { fetch, ...options }))
  expect(asked).toContain(new URL(active).host)
})

const others = { redirectHosts: ['vault-2.example', 'vault-3.example:8200'] }

test.each([
  ['another host', {}, 'https://evil.example', 'host'],
  ['a host below', {}, 'https://a.vault.example', 'host'],
  ['a host above', {}, 'https://example', 'host'],
  ['a host with the same beginning', {}, 'https://vault.example.evil', 'host'],
  ['one that is not in the list', others, 'https://vault-4.example', 'host'],
  ['one of the list, without encryption', others, 'http://vault-2.example', 'encryption'],
  ['another port of the host', {}, 'https://vault.example:8201', 'port'],
  ['another port of one of the list', others, 'https://vault-2.example:8200', 'port'],
  ['another port than the list names', others, 'https://vault-3.example', 'port'],
  ['an address with a user in it', {}, 'https://u:p@vault.example', 'user'],
])('a redirect to %s is not followed: the token would be sent there', async (_, options, elsewhere, rule) => {
  const { asked, fetch } = redirectedTo(elsewhere)
  const error = await failureOf(() => ask('https://vault.example', { fetch, ...options }))
  expect(error).toMatchObject({ code: 'VAULT_REDIRECT_REFUSED', fault: 'unverified', details: { rule } })
  expect(asked).toEqual(['vault.example'])
})

test.each([
  [[]],
  [['vault.example:']],
  [['vault.example:65536']],
  [['[::1']],
  [['a:b']],
  [['https://vault.example']],
  [['*.example']],
  [['']],
  [[1]],
  ['vault.example'],
  [null],
])('redirectHosts: %j is refused', async (redirectHosts) => {
  const options = { redirectHosts: redirectHosts as string[] }
  const error = await failureOf(async () => ask('https://vault.example', options))
  expect(error).toMatchObject({ code: 'OPTION_INVALID' })
})

test('a redirect to an address without encryption is not followed', async () => {
  const standby = await vaultServer()
  standby.fault = ({ path }) => ({ status: 307, headers: { location: `http://192.0.2.1:8200/v1/${path}` } })
  expect(await failureOf(() => ask(standby.address))).toMatchObject({
    code: 'VAULT_REDIRECT_REFUSED',
    fault: 'unverified',
  })
})

test('a Vault on another machine cannot redirect the token to a port of this machine', async () => {
  const asked: string[] = []
  const address = await rawServer((request, response) => {
    asked.push(`${request.url}`)
    response.end('{}')
  })
  const fetch = async () => new Response(null, { status: 307, headers: { location: `${address}/v1/x` } })
  const error = await failureOf(() => ask('https://vault.example:8200', { fetch }))
  expect(error).toMatchObject({ code: 'VAULT_REDIRECT_REFUSED' })
  expect(asked).toEqual([])
})

test('nothing listens at the address', async () => {
  const server = await vaultServer()
  const { address } = server
  await server.close()
  open.pop()
  expect(await failureOf(() => ask(address))).toMatchObject({
    code: 'VAULT_UNREACHABLE',
    fault: 'peer',
    details: { code: 'ECONNREFUSED' },
  })
})

test('DNS does not know the name, or does not answer', async () => {
  // RFC 6761 §6.4: no name below "invalid" exists.
  const error = await failureOf(() => ask('https://vault.invalid:8200'))
  expect(error).toMatchObject({ code: 'VAULT_UNREACHABLE' })
  expect(error.details['code']).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/)
})

test('a connection that ends in the middle of the answer', async () => {
  let requests = 0
  const address = await rawServer((_, response) => {
    requests++
    response.writeHead(200, { 'content-length': 1_000 })
    response.write('{"auth": {"client_token"', () => response.destroy())
  })
  expect(await failureOf(() => ask(address))).toMatchObject({ code: 'VAULT_UNREACHABLE' })
  expect(requests).toBe(3)
})

test('an answer without an end', async () => {
  const address = await rawServer((_, response) => {
    const more = () => {
      if (response.write('x'.repeat(65_536))) setImmediate(more)
      else response.once('drain', more)
    }
    more()
  })
  expect(await failureOf(() => ask(address))).toMatchObject({ code: 'VAULT_ANSWER_INVALID' })
})

describe('TLS', () => {
  async function world() {
    const authority = await createCertificateAuthority()
    const [{ certPem, keyPem }, client, other] = await Promise.all([
      authority.issue({ names: ['127.0.0.1', 'localhost'] }),
      authority.issue({ uris: ['spiffe://test.example/app'] }),
      createCertificateAuthority(),
    ])
    const vault = await vaultServer({ cert: certPem, key: keyPem, ca: authority.certPem })
    return { ca: authority.certPem, vault, client, otherCa: other.certPem }
  }

  test('a login with a certificate, with a profile of tls-profiles', async () => {
    const { ca, vault, client } = await world()
    vault.logins.set('auth/cert/login', ({ name }, { certified }) => name === 'app' && certified)
    const auth = vaultCertificate({ name: 'app' })
    const tls = mutual({ ca, cert: client.certPem, key: client.keyPem })
    expect(await ask(vault.address, { tls, auth })).toMatchObject({ password: 'pw' })
    tls.close()
    const without = verifyServer({ ca })
    for (const options of [{}, { tls: without }, { tls: { ca } }]) {
      const error = await failureOf(() => vaultKv({ address: vault.address, path: 'db', auth, ...options }))
      expect(error).toMatchObject({ code: 'OPTION_INVALID' })
    }
    without.close()
    // It is not visible whether a fetch sends a certificate.
    const fetch = async () => new Response('{"errors":["invalid certificate"]}', { status: 400 })
    expect(await failureOf(() => ask(vault.address, { fetch, auth }))).toMatchObject({
      code: 'VAULT_LOGIN_REFUSED',
    })
  })

  test.each(['127.0.0.1', 'localhost'])(
    'the profile checks the name of the address, here %s',
    async (host) => {
      const { ca, vault } = await world()
      const tls = verifyServer({ ca })
      const address = vault.address.replace('127.0.0.1', host)
      expect(await ask(address, { tls })).toMatchObject({ password: 'pw' })
      tls.close()
    },
  )

  test('options of tls.connect, only with the CA', async () => {
    const { ca, vault } = await world()
    expect(await ask(vault.address, { tls: { ca } })).toMatchObject({ password: 'pw' })
  })

  test.each<[string, (certificates: { ca: string; otherCa: string }) => object, string]>([
    ['another CA', ({ otherCa }) => ({ tls: verifyServer({ ca: otherCa }) }), 'SELF_SIGNED_CERT_IN_CHAIN'],
    [
      'another name',
      ({ ca }) => ({ tls: { ca, servername: 'vault.example' } }),
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    ['no CA at all', () => ({}), 'SELF_SIGNED_CERT_IN_CHAIN'],
    [
      'another name than that of the profile',
      ({ ca }) => ({ tls: verifyServer({ ca, hostname: 'vault.example' }) }),
      'NAME_MISMATCH',
    ],
    ['a wrong pin', ({ ca }) => ({ tls: verifyServer({ ca, pins: [pin] }) }), 'PIN_MISMATCH'],
  ])('%s: not trusted, no token is sent, and there is one attempt', async (_, options, code) => {
    const { vault, ...certificates } = await world()
    const connections = vault.connections
    const error = await failureOf(() => ask(vault.address, options(certificates)))
    expect(error).toMatchObject({ code: 'VAULT_UNREACHABLE', details: { code } })
    expect(vault.seen).toEqual([])
    expect(vault.connections - connections).toBe(1)
  })

  test('a profile with one name for all: a redirect to a host whose certificate has it is followed', async () => {
    const { active, standby, tls, redirectHosts } = await pair('vault.example')
    expect(await ask(standby.address, { tls, redirectHosts })).toMatchObject({ username: 'app' })
    expect(active.seen).toHaveLength(2)
    tls.close()
  })

  test('a redirect to a host whose certificate has another name is not followed, and the error names that host', async () => {
    const { active, standby, tls, redirectHosts } = await pair('vault-2.example')
    const error = await failureOf(() => ask(standby.address, { tls, redirectHosts }))
    expect(error).toMatchObject({ code: 'VAULT_UNREACHABLE', details: { code: 'NAME_MISMATCH' } })
    expect(error.message).toContain(redirectHosts[0])
    expect(error.message).not.toContain(new URL(standby.address).host)
    expect(active.seen).toEqual([])
    tls.close()
  })

  /** Two servers: a standby that has the name of the profile, and an active one with `name`. */
  async function pair(name: string) {
    const authority = await createCertificateAuthority()
    const [first, second] = await Promise.all(
      ['vault.example', name].map((each) => authority.issue({ names: [each] })),
    )
    const [standby, active] = await Promise.all(
      [first, second].map((each) => vaultServer({ cert: each?.certPem ?? '', key: each?.keyPem ?? '' })),
    )
    if (!standby || !active) throw new Error('expected two servers')
    standby.fault = ({ path }) => ({ status: 307, headers: { location: `${active.address}/v1/${path}` } })
    const tls = verifyServer({ ca: authority.certPem, hostname: 'vault.example' })
    return { standby, active, tls, redirectHosts: [new URL(active.address).host] }
  }

  test.each<[string, () => object, string]>([
    ['a profile that does not verify', () => ({ tls: unverified() }), 'OPTION_INVALID'],
    ['rejectUnauthorized: false', () => ({ tls: { rejectUnauthorized: false } }), 'OPTION_INVALID'],
    ['an empty list of CAs', () => ({ tls: { ca: [] } }), 'OPTION_INVALID'],
    ['an unknown option', () => ({ tls: { cafile: '/ca.pem' } }), 'OPTION_INVALID'],
    ['null', () => ({ tls: null }), 'OPTION_INVALID'],
    ['with fetch too', () => ({ tls: {}, fetch: globalThis.fetch }), 'OPTIONS_CONTRADICT'],
    ['an http address', () => ({ tls: {}, address: 'http://127.0.0.1:1' }), 'OPTIONS_CONTRADICT'],
  ])('%s is refused', async (_, options, code) => {
    const error = await failureOf(() => ask('https://127.0.0.1:1', options()))
    expect(error).toMatchObject({ code })
  })
})

test('a token that is not a header is refused, and not quoted', async () => {
  const { address } = await vaultServer()
  const error = await failureOf(() => ask(address, { auth: vaultToken({ token: 'hvs.ü€' }) }))
  expect(error).toMatchObject({ code: 'CREDENTIALS_INVALID' })
  expect(error.message).not.toContain('ü')
})
