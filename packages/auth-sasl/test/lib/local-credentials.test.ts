import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pretendKerberos } from '@x/auth-testserver'
import { SaslAuthProvider } from '../../src/index.js'
import { hasNoCredentials } from '../../src/lib/gssapi/local-credentials.js'

const variables = ['KRB5_CONFIG', 'KRB5CCNAME', 'KRB5_CLIENT_KTNAME'] as const
const before = variables.map((name) => [name, process.env[name]] as const)
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'x-auth-'))
  for (const name of variables) delete process.env[name]
  process.env['KRB5_CONFIG'] = file(
    'krb5.conf',
    '[libdefaults]\n  default_ccache_name = FILE:/nowhere/%{uid}\n',
  )
})
afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
  rmSync(folder, { recursive: true })
})

function file(name: string, text = ''): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const config = (...lines: string[]) => {
  process.env['KRB5_CONFIG'] = file('krb5.conf', ['[libdefaults]', ...lines].join('\n'))
}

describe('certain that there is nothing', () => {
  test('no cache and no keytab', async () => expect(await hasNoCredentials({})).toBe(true))

  test('a cache that is named and not there', async () => {
    expect(await hasNoCredentials({ KRB5CCNAME: '/nowhere/cache' })).toBe(true)
    process.env['KRB5CCNAME'] = 'DIR:/nowhere'
    expect(await hasNoCredentials({})).toBe(true)
  })

  test('no configuration at all, where the usual cache is not there', async () => {
    process.env['KRB5_CONFIG'] = '/nowhere/krb5.conf'
    expect(await hasNoCredentials({ KRB5CCNAME: '/nowhere/cache' })).toBe(true)
  })
})

describe('something, or it cannot be told', () => {
  test.each([
    ['a cache', () => ({ KRB5CCNAME: `FILE:${file('cache')}` })],
    ['a cache that is not a file', () => ({ KRB5CCNAME: 'KEYRING:persistent:0' })],
    ['a cache in memory', () => ({ KRB5CCNAME: 'MEMORY:x' })],
    ['a path that is not absolute', () => ({ KRB5CCNAME: 'cache' })],
    ['a keytab', () => ({ KRB5_CLIENT_KTNAME: file('keytab') })],
  ])('%s', async (_, environment) => {
    expect(await hasNoCredentials(environment())).toBe(false)
  })

  test('in the environment of the process', async () => {
    process.env['KRB5CCNAME'] = file('cache')
    expect(await hasNoCredentials({})).toBe(false)
  })

  test('in krb5.conf, or in what it includes', async () => {
    config(`default_ccache_name = ${file('cache')}`)
    expect(await hasNoCredentials({})).toBe(false)
    config('default_ccache_name = KCM:')
    expect(await hasNoCredentials({})).toBe(false)
    config('default_ccache_name = /nowhere', `default_client_keytab_name = ${file('keytab')}`)
    expect(await hasNoCredentials({})).toBe(false)
    const included = join(folder, 'krb5.conf.d')
    mkdirSync(included)
    writeFileSync(join(included, 'kcm'), '[libdefaults]\n default_ccache_name = KCM:\n')
    process.env['KRB5_CONFIG'] = file('krb5.conf', `includedir ${included}\n[libdefaults]\n`)
    expect(await hasNoCredentials({})).toBe(false)
    process.env['KRB5_CONFIG'] = file('krb5.conf', `include ${join(folder, 'krb5.conf')}\n`)
    expect(await hasNoCredentials({})).toBe(false)
    process.env['KRB5_CONFIG'] = file('krb5.conf', 'module /lib/x.so:x\n')
    expect(await hasNoCredentials({})).toBe(false)
  })
})

describe('a KDC that says "No Kerberos credentials available"', () => {
  const words = 'KDC returned error string: No Kerberos credentials available'
  const kdc = () => Promise.reject(new Error(words))
  const password = jest.fn(() => 'secret')
  const list = (ticketCache: string) => {
    const { kerberos } = pretendKerberos({ kdc })
    return [
      { mechanism: 'GSSAPI', kerberos, ticketCache },
      { mechanism: 'PLAIN', username: 'a', password },
    ] as const
  }
  const login = (options: ConstructorParameters<typeof SaslAuthProvider>[0]) =>
    new Promise<string>((resolve) => {
      new SaslAuthProvider(options)
        .newAuthenticator('10.0.0.1:9042', 'com.example.HouseAuthenticator')
        .initialResponse((error: Error | null, token?: Buffer) =>
          resolve(error ? String((error as { code?: string }).code) : `sent ${token?.length}`),
        )
    })
  beforeEach(() => password.mockClear())

  test('does not lead from a ticket to the password', async () => {
    expect(await login({ mechanisms: list(file('cache')) })).toBe('DOWNGRADE_REFUSED')
    expect(password).not.toHaveBeenCalled()
  })

  test('does so where nobody has a ticket here, or where that was allowed by name', async () => {
    expect(await login({ mechanisms: list('/nowhere/cache') })).toBe('sent 9')
    expect(await login({ mechanisms: list(file('cache')), allowDowngradeToCleartext: true })).toBe('sent 9')
  })

  test('alone, is told as what it is', async () => {
    const [gssapi] = list(file('cache'))
    expect(await login(gssapi)).toBe('KERBEROS_CREDENTIALS_UNUSABLE')
  })
})
