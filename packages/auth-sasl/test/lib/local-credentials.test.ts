import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import promises from 'node:fs/promises'
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
  jest.restoreAllMocks()
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

describe('where Kerberos keeps credentials', () => {
  const nobody = 4_242_424
  const missing = (path: string) => Object.assign(new Error(path), { code: 'ENOENT' })
  /** Only these files are on the machine. */
  function only(...paths: string[]): void {
    jest.spyOn(process, 'getuid').mockReturnValue(nobody)
    jest.spyOn(process, 'geteuid').mockReturnValue(77)
    jest.spyOn(promises, 'stat').mockImplementation((async (path: string) => {
      if (!paths.includes(path)) throw missing(path)
    }) as never)
  }

  test.each([
    [`/tmp/krb5cc_${nobody}`, false],
    ['/tmp/krb5cc_77', true],
    ['/etc/krb5/user/77/client.keytab', false],
    ['/var/kerberos/krb5/user/77/client.keytab', false],
    ['/var/lib/krb5/user/77/client.keytab', false],
    ['/usr/local/var/krb5/user/77/client.keytab', false],
    [`/var/lib/krb5/user/${nobody}/client.keytab`, true],
  ])('without a configuration, with only %s there: nothing is %p', async (path, nothing) => {
    config()
    only(path)
    expect(await hasNoCredentials({})).toBe(nothing)
  })

  test.each([
    ['/a/%{uid}', `/a/${nobody}`],
    ['/a/%{USERID}/%{uid}', `/a/${nobody}/${nobody}`],
    ['/a/%{euid}/%{euid}', '/a/77/77'],
    ['FILE:/a/b \t', '/a/b'],
    ['DIR:/a/b', '/a/b'],
    ['WRFILE:/a/b', '/a/b'],
  ])('the configuration says %s', async (name, path) => {
    config(`\tdefault_ccache_name=${name}`)
    only(path)
    expect(await hasNoCredentials({})).toBe(false)
    only('/elsewhere')
    expect(await hasNoCredentials({})).toBe(true)
    config(` default_client_keytab_name  =\t ${name}`)
    only(path)
    expect(await hasNoCredentials({})).toBe(false)
  })

  test.each([
    ['KEYRING:/nowhere'],
    ['SRVTAB:/nowhere'],
    ['file:/nowhere'],
    ['/nowhere/FILE:%{x}'],
    ['/nowhere/%{username}'],
    ['aFILE:/nowhere'],
  ])('%s cannot be looked at', async (name) => {
    only()
    expect(await hasNoCredentials({ KRB5CCNAME: name })).toBe(false)
    expect(await hasNoCredentials({ KRB5CCNAME: `FILE:/nowhere/${name.length}` })).toBe(true)
  })

  test('another name, and a remark, are not read', async () => {
    only()
    config('# default_ccache_name = KCM:', 'my_default_ccache_name = KCM:', 'default_ccache_names = KCM:')
    expect(await hasNoCredentials({})).toBe(true)
  })

  test('what cannot be looked at may be there', async () => {
    expect(await hasNoCredentials({ KRB5CCNAME: `${file('cache')}/in/it` })).toBe(false)
  })

  test('only Linux is known', async () => {
    only()
    expect(await hasNoCredentials({})).toBe(true)
    const { platform } = process
    Object.defineProperty(process, 'platform', { value: 'darwin', configurable: true })
    try {
      expect(await hasNoCredentials({})).toBe(false)
    } finally {
      Object.defineProperty(process, 'platform', { value: platform, configurable: true })
    }
  })
})

describe('the configuration', () => {
  const kcm = 'default_ccache_name = KCM:'
  const nowhere = 'default_ccache_name = /nowhere'
  const nothing = () => hasNoCredentials({})

  test('is /etc/krb5.conf if no other is named', async () => {
    delete process.env['KRB5_CONFIG']
    const read = jest.spyOn(promises, 'readFile').mockImplementation((async (path: string) => {
      if (path === '/etc/krb5.conf') return kcm
      throw Object.assign(new Error(path), { code: 'ENOENT' })
    }) as never)
    expect(await nothing()).toBe(false)
    expect(read).toHaveBeenCalledWith('/etc/krb5.conf', 'utf8')
  })

  test('is several files', async () => {
    process.env['KRB5_CONFIG'] = `${file('first', nowhere)}:${file('second', nowhere)}`
    expect(await nothing()).toBe(true)
    process.env['KRB5_CONFIG'] = `${file('first', nowhere)}:${file('second', kcm)}`
    expect(await nothing()).toBe(false)
    process.env['KRB5_CONFIG'] = `${folder}:${file('second', nowhere)}`
    expect(await nothing()).toBe(false)
  })

  test('includes files, also without a line end at the end', async () => {
    const include = async (text: string) => {
      process.env['KRB5_CONFIG'] = file('krb5.conf', text)
      return nothing()
    }
    const [kcmFile, other] = [file('kcm', kcm), file('other', nowhere)]
    expect(await include(`include ${kcmFile}`)).toBe(false)
    expect(await include(`include\t  ${kcmFile} \t`)).toBe(false)
    expect(await include(`${nowhere}\n# include ${kcmFile}`)).toBe(true)
    expect(await include(`include ${other}`)).toBe(true)
    expect(await include(`include ${folder}`)).toBe(false)
    expect(await include(`include ${join(folder, 'missing')}\n${nowhere}`)).toBe(true)
  })

  test('includes folders with all of their files', async () => {
    const some = join(folder, 'some')
    mkdirSync(some)
    writeFileSync(join(some, 'one'), nowhere)
    process.env['KRB5_CONFIG'] = file('krb5.conf', `includedir ${some}\n`)
    expect(await nothing()).toBe(true)
    writeFileSync(join(some, 'two'), kcm)
    expect(await nothing()).toBe(false)
    process.env['KRB5_CONFIG'] = file('krb5.conf', `includedir ${join(folder, 'missing')}\n${nowhere}`)
    expect(await nothing()).toBe(true)
    process.env['KRB5_CONFIG'] = file('krb5.conf', `includedir ${file('kcm', kcm)}\n${nowhere}`)
    expect(await nothing()).toBe(false)
  })

  test('in four levels', async () => {
    const levels = (count: number) => {
      file('level0', nowhere)
      for (let level = 1; level <= count; level++)
        file(`level${level}`, `include ${join(folder, `level${level - 1}`)}`)
      process.env['KRB5_CONFIG'] = join(folder, `level${count}`)
      return nothing()
    }
    expect([await levels(4), await levels(5)]).toEqual([true, false])
  })

  test.each([
    ['\t module\t/lib/x.so:x', false],
    ['module /lib/x.so:x', false],
    ['# a module of ours', true],
    ['modules /lib', true],
  ])('%j: nothing is certain %p', async (line, expected) => {
    process.env['KRB5_CONFIG'] = file('krb5.conf', `${nowhere}\n${line}\n`)
    expect(await nothing()).toBe(expected)
  })
})
