import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import tls, { checkServerIdentity, createSecureContext, type PeerCertificate } from 'node:tls'
import { auth, type ClientOptions } from 'cassandra-driver'
import { strangers } from '../src/lib/client/strangers.js'
import { plain } from '../src/mechanisms/plain.js'
import { recordOf } from '../src/provider-record.js'
import { routeByAuthenticator } from '../src/routing.js'
import { secureClientOptions } from '../src/secure-client-options.js'
import { oneMessage, providerOf } from './support/harness.js'
import { isUnprotected, offeredCiphers } from './support/offered-ciphers.js'

const cleartext = providerOf({ mechanism: plain, credentials: { username: 'a', password: 'b' } }).provider
const hidden = providerOf().provider
const base: ClientOptions = { contactPoints: ['127.0.0.1'], localDataCenter: 'datacenter1' }
const secureContext = createSecureContext({ ca: [] })
const profile = (record: object, own: object = {}) => ({
  rejectUnauthorized: true,
  secureContext,
  [Symbol.for('@x/tls:profile')]: {
    verifies: { chain: true, name: true },
    sendsClientCertificate: false,
    maxVersion: 'TLSv1.3',
    ...record,
  },
  ...own,
})

const check = (options: object, choices = {}) =>
  secureClientOptions({ ...base, ...options } as ClientOptions, choices)
const codeOf = (options: object, choices = {}) => {
  try {
    check(options, choices)
    return undefined
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('a mechanism that sends the password readable', () => {
  test.each([
    ['without TLS', {}, 'CLEARTEXT_WITHOUT_TLS'],
    ["under the driver's default TLS", { sslOptions: {} }, 'CLEARTEXT_WITHOUT_TLS'],
    [
      'under TLS that verifies nothing',
      { sslOptions: { rejectUnauthorized: false } },
      'CLEARTEXT_WITHOUT_TLS',
    ],
    ['under verified TLS', { sslOptions: { rejectUnauthorized: true, ca: 'x' } }, undefined],
    ['under a profile', { sslOptions: profile({}) }, undefined],
    [
      'under a profile that verifies no chain',
      { sslOptions: profile({ verifies: { chain: false } }) },
      'CLEARTEXT_WITHOUT_TLS',
    ],
    [
      'under a spread profile, switched off',
      { sslOptions: profile({}, { rejectUnauthorized: false }) },
      'CLEARTEXT_WITHOUT_TLS',
    ],
    ['under cloud', { cloud: { secureConnectBundle: 'x.zip' } }, undefined],
  ])('%s', (_, options, code) => {
    expect(codeOf({ authProvider: cleartext, ...options })).toBe(code)
    expect(codeOf({ authProvider: new auth.PlainTextAuthProvider('a', 'b'), ...options })).toBe(code)
    expect(codeOf({ credentials: { username: 'a', password: 'b' }, ...options })).toBe(code)
    expect(codeOf({ authProvider: hidden, ...options })).toBeUndefined()
    expect(
      codeOf({ authProvider: cleartext, ...options }, { allowCleartextWithoutVerifiedTls: true }),
    ).toBeUndefined()
  })

  test('a mechanism that exposes something else needs verified TLS too', () => {
    const token = providerOf({ mechanism: { ...oneMessage, exposes: 'the session token' } as never }).provider
    expect(codeOf({ authProvider: token })).toBe('CLEARTEXT_WITHOUT_TLS')
    expect(() => check({ authProvider: token })).toThrow(/the session token/)
    expect(codeOf({ authProvider: token, sslOptions: { rejectUnauthorized: true } })).toBeUndefined()
    const routed = routeByAuthenticator([{ authenticator: 'X', provider: token }])
    expect(codeOf({ authProvider: routed })).toBe('CLEARTEXT_WITHOUT_TLS')
    expect(codeOf({ authProvider: token }, { allowCleartextWithoutVerifiedTls: true })).toBeUndefined()
  })

  test('a mechanism of which nobody says whether it is readable counts as readable', () => {
    const { cleartext: _, ...silent } = oneMessage
    const { provider } = providerOf({ mechanism: silent as never })
    expect(codeOf({ authProvider: provider })).toBe('CLEARTEXT_WITHOUT_TLS')
  })

  test('the error says what is readable, and nothing else', () => {
    const both = providerOf({ mechanism: { ...plain, exposes: 'the session token' } as never }).provider
    const readable = (options: object) => {
      try {
        return check(options)
      } catch (error) {
        return /could read: (.*?)\./.exec((error as Error).message)?.[1]
      }
    }
    expect(readable({ credentials: { username: 'a', password: 'b' } })).toBe('the password')
    expect(readable({ authProvider: cleartext })).toBe('the password')
    expect(readable({ authProvider: new auth.PlainTextAuthProvider('a', 'b') })).toBe('the password')
    expect(readable({ authProvider: both })).toBe('the password, the session token')
  })

  test('a provider of another copy of the package is known by its record, also one that names nothing exposed', () => {
    const record = { provider: 'Other', mechanisms: ['X-OTHER'], cleartext: false, mutual: false }
    const other = { newAuthenticator: () => undefined, [Symbol.for('@x/auth:provider')]: record }
    expect(recordOf(other)).toBe(record)
    expect(codeOf({ authProvider: other })).toBeUndefined()
    expect(recordOf(null)).toBeUndefined()
  })

  test('no login, no demand', () => {
    expect(codeOf({})).toBeUndefined()
  })
})

describe('contradictions', () => {
  test.each([
    ['two logins', { authProvider: hidden, credentials: { username: 'a', password: 'b' } }],
    ['cloud with sslOptions', { cloud: { secureConnectBundle: 'x.zip' }, sslOptions: {} }],
    ['a CA beside a context', { sslOptions: { secureContext, ca: 'x', rejectUnauthorized: true } }],
    ['a version beside a profile', { sslOptions: profile({}, { minVersion: 'TLSv1.3' }) }],
    ['a name check without effect', { sslOptions: { checkServerIdentity: () => undefined } }],
    ['a redirection', { sslOptions: { host: 'elsewhere', rejectUnauthorized: true } }],
    ['another port', { sslOptions: { port: 1, rejectUnauthorized: true } }],
    ['a socket of a path', { sslOptions: { path: 'x.sock', rejectUnauthorized: true } }],
    ['a look-up of its own', { sslOptions: { lookup: () => undefined, rejectUnauthorized: true } }],
    ['an open socket', { sslOptions: { socket: {}, rejectUnauthorized: true } }],
    ['a session of a stranger', { sslOptions: { session: Buffer.alloc(1), rejectUnauthorized: true } }],
    ["a session in a profile's copy", { sslOptions: profile({}, { session: Buffer.alloc(1) }) }],
    [
      "a session that a profile's reader would not see",
      { sslOptions: profile({ resumesSessions: true }, { session: Buffer.alloc(1) }) },
    ],
    ["a reader in a profile's copy", { sslOptions: profile({}, { onread: { buffer: Buffer.alloc(1) } }) }],
    ['a reader of a stranger', { sslOptions: { onread: {}, rejectUnauthorized: true } }],
    [
      'curves beside a context',
      { sslOptions: { secureContext, ecdhCurve: 'auto', rejectUnauthorized: true } },
    ],
    [
      'a socket of a path in a class',
      {
        sslOptions: new (class {
          get path() {
            return 'x.sock'
          }
        })(),
      },
    ],
  ])('%s', (_, options) => {
    expect(codeOf(options)).toBe('OPTIONS_CONTRADICT')
  })
})

describe('null, empty and wrong values', () => {
  test.each([
    ['sslOptions', null],
    ['sslOptions', true],
    ['sslOptions', 'require'],
    ['sslOptions', []],
    ['cloud', null],
    ['cloud', {}],
    ['cloud', { secureConnectBundle: '' }],
    ['authProvider', null],
    ['authProvider', {}],
    ['credentials', null],
    ['protocolOptions', null],
    ['sslOptions', { rejectUnauthorized: 'true' }],
    ['sslOptions', { rejectUnauthorized: null }],
    ['sslOptions', { rejectUnauthorized: true, checkServerIdentity: null }],
    ['sslOptions', { rejectUnauthorized: true, ciphers: ['AES'] }],
    ['sslOptions', { rejectUnauthorized: true, ca: '' }],
    ['sslOptions', { rejectUnauthorized: true, crl: null }],
    ['sslOptions', { rejectUnauthorized: true, secureContext: {} }],
    ['sslOptions', { rejectUnauthorized: true, servername: ' ' }],
    ['sslOptions', { rejectUnauthorized: true, passphrase: ' ' }],
    ['sslOptions', { rejectUnauthorized: true, ciphers: '  ' }],
    ['sslOptions', { rejectUnauthorized: true, ciphers: 'nonsense' }],
    ['sslOptions', { rejectUnauthorized: true, minVersion: 'TLSv1.4' }],
    ['sslOptions', { rejectUnauthorised: true }],
    ['sslOptions', { rejectUnauthorized: true, fd: 3 }],
    ['sslOptions', { rejectUnauthorized: true, _handle: {} }],
    ['sslOptions', { rejectUnauthorized: true, pskCallback: () => null }],
    ['sslOptions', { rejectUnauthorized: true, requestOCSP: true }],
  ])('%s: %j', (name, value) => {
    expect(codeOf({ authProvider: hidden, [name]: value })).toBe('OPTION_INVALID')
  })

  const nothing: [unknown][] = [
    [[]],
    [[undefined]],
    [[null]],
    [['']],
    [['x', ' ']],
    [['x', Buffer.alloc(0)]],
    [[['x']]],
    [Array(1)],
    [''],
    [' \n'],
    [null],
    [Buffer.alloc(0)],
    [{}],
    [{ pem: '' }],
    [42],
    [true],
  ]
  describe.each(['ca', 'crl', 'cert', 'key', 'pfx'])('%s', (name) => {
    test.each(nothing)('%j', (value) => {
      expect(codeOf({ sslOptions: { rejectUnauthorized: true, [name]: value } })).toBe('OPTION_INVALID')
    })

    test.each([['x'], [Buffer.from('x')], [['x', new Uint8Array(1)]], [undefined]])('may be %j', (value) => {
      expect(codeOf({ sslOptions: { rejectUnauthorized: true, [name]: value } })).toBeUndefined()
    })
  })

  test('keys and stores with their own passphrases', () => {
    const sslOptions = { key: [{ pem: 'x', passphrase: '' }], pfx: [{ buf: Buffer.from('x') }, 'y'] }
    expect(codeOf({ sslOptions })).toBeUndefined()
    expect(codeOf({ sslOptions: { key: [{ pem: 'x', passphrase: null }] } })).toBe('OPTION_INVALID')
    expect(codeOf({ sslOptions: { ca: [{ pem: 'x' }] } })).toBe('OPTION_INVALID')
  })

  test('what a connection does know is taken, and what a class has beside it is not read', () => {
    const sslOptions = {
      rejectUnauthorized: true,
      ALPNProtocols: ['x'],
      keepAlive: true,
      localAddress: '::1',
    }
    expect({ ...check({ sslOptions }).sslOptions }).toEqual(sslOptions)
    class Settings {
      rejectUnauthorized = true
      get comment() {
        return 'ours'
      }
    }
    expect({ ...check({ sslOptions: new Settings() }).sslOptions }).toEqual({ rejectUnauthorized: true })
  })

  test('an error quotes no value', () => {
    expect(() => check({ sslOptions: { ca: [{ pem: 'hunter2' }] } })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    )
  })

  test('undefined is not given', () => {
    const { authProvider, ...rest } = check({
      authProvider: hidden,
      sslOptions: undefined,
      cloud: undefined,
      credentials: undefined,
      protocolOptions: undefined,
    })
    expect(authProvider).toBe(hidden)
    expect(Object.keys(rest)).toEqual(Object.keys(base))
  })

  test.each([[{ allowCleartext: true }], [{ allowCleartextWithoutVerifiedTls: 'yes' }], [null]])(
    'choices %j',
    (choices) => {
      expect(codeOf({ authProvider: cleartext }, choices as never)).toBe('OPTION_INVALID')
    },
  )
})

describe('TLS that only looks as if it verified', () => {
  const verified = (own: object, more: object = {}) =>
    codeOf({ authProvider: hidden, sslOptions: { rejectUnauthorized: true, ...own }, ...more })

  test.each<[string, string | undefined, (host: string, cert: PeerCertificate) => unknown]>([
    ['accepts everybody', 'IDENTITY_NOT_CHECKED', () => undefined],
    ['says false', 'IDENTITY_NOT_CHECKED', () => false],
    ['checks names only', 'IDENTITY_NOT_CHECKED', (host) => (isIP(host) ? undefined : new Error('x'))],
    [
      'checks the address',
      'IDENTITY_NOT_CHECKED',
      (host) => (host === '127.0.0.1' ? undefined : new Error('x')),
    ],
    [
      'checks the dates',
      'IDENTITY_NOT_CHECKED',
      (_, c) => (new Date(c.valid_to) < new Date() ? new Error('x') : undefined),
    ],
    [
      'checks addresses only',
      'IDENTITY_NOT_CHECKED',
      (host, cert) => (isIP(host) ? checkServerIdentity(host, cert) : undefined),
    ],
    [
      'takes a certificate without names',
      'IDENTITY_NOT_CHECKED',
      (host, cert) => (cert.subjectaltname || cert.subject?.CN ? checkServerIdentity(host, cert) : undefined),
    ],
    [
      'takes a certificate without alternative names',
      'IDENTITY_NOT_CHECKED',
      (host, cert) => (cert.subjectaltname ? checkServerIdentity(host, cert) : undefined),
    ],
    [
      'takes any wildcard',
      'IDENTITY_NOT_CHECKED',
      (host, cert) => (cert.subjectaltname?.includes('*') ? undefined : checkServerIdentity(host, cert)),
    ],
    [
      'takes any URI',
      'IDENTITY_NOT_CHECKED',
      (host, cert) => (cert.subjectaltname?.includes('URI:') ? undefined : checkServerIdentity(host, cert)),
    ],
    [
      'looks for a part of the name',
      'IDENTITY_NOT_CHECKED',
      (host, cert) => (cert.subjectaltname?.includes(host) ? undefined : new Error('x')),
    ],
    [
      'is on unless the options say so',
      'IDENTITY_NOT_CHECKED',
      function (this: { rejectUnauthorized?: boolean }, ...asked) {
        return this.rejectUnauthorized ? undefined : checkServerIdentity(...asked)
      },
    ],
    ["is Node's", undefined, checkServerIdentity],
    [
      'wants a SPIFFE ID',
      undefined,
      (_, cert) =>
        /URI:spiffe:\/\/example.org\//.test(cert.subjectaltname ?? '') ? undefined : new Error('x'),
    ],
    ['has a name of its own', undefined, (_, cert) => checkServerIdentity('node.example', cert)],
    [
      'throws',
      undefined,
      () => {
        throw new Error('x')
      },
    ],
    ['pins', undefined, (_, cert) => (cert.fingerprint256 === 'AA' ? undefined : new Error('x'))],
    [
      'reads the bytes',
      undefined,
      (_, cert) => (new X509Certificate(cert.raw).checkIP('127.0.0.1') ? undefined : new Error('x')),
    ],
    [
      'is asynchronous, which never lets anybody in',
      undefined,
      async () => {
        throw new Error('x')
      },
    ],
  ])('a check that %s', (_, code, check) => {
    expect(verified({ checkServerIdentity: check })).toBe(code)
  })

  test('a check is asked with the name that is sent', () => {
    const asked: string[] = []
    const check = (host: string) => {
      asked.push(host)
      return new Error('x')
    }
    verified({ checkServerIdentity: check, servername: 'node.example' })
    expect(asked).toContain('node.example')
  })

  test.each<[unknown, string[]]>([
    [
      ['10.0.0.1', '10.0.0.1:9042'],
      ['10.0.0.1', '10.0.0.1'],
    ],
    [
      ['db.example', 'db.example:9042'],
      ['db.example', 'db.example'],
    ],
    [
      ['::1', '2001:db8:0:0:0:0:0:5', '[2001:db8::5]:9042', '[::1]:1', 'a[b]:1', 'x[::1]:1'],
      ['::1', '2001:db8:0:0:0:0:0:5', '2001:db8::5', '::1', 'a[b]', 'x[::1]:1'],
    ],
    [[42, null, 'db.example'], ['db.example']],
    [undefined, []],
    ['10.0.0.1', []],
  ])('and with the contact points as the driver reads them: %j', (contactPoints, hosts) => {
    const asked: string[] = []
    const checkServerIdentity = (host: string) => {
      asked.push(host)
      return new Error('x')
    }
    verified({ checkServerIdentity }, { contactPoints })
    const nowhere = 3
    expect(asked).toHaveLength(strangers.length * (nowhere + hosts.length))
    expect(asked.slice(nowhere, nowhere + hosts.length)).toEqual(hosts)
  })

  test('a profile that says by name that it checks none is taken, a spread one with another check is not', () => {
    const names = (name: boolean) =>
      profile({ verifies: { chain: true, name } }, { checkServerIdentity: () => undefined })
    expect(codeOf({ authProvider: cleartext, sslOptions: names(false) })).toBeUndefined()
    expect(codeOf({ authProvider: cleartext, sslOptions: names(true) })).toBe('IDENTITY_NOT_CHECKED')
  })

  const lists: [string, boolean][] = [
    ['DEFAULT', true],
    ['HIGH', true],
    ['ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256', true],
    ['TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256', true],
    ['ALL:eNULL:aNULL:!aNULL:!eNULL', true],
    ['HIGH:!aNULL', true],
    ['DEFAULT:+eNULL', true],
    ['ALL', true],
    ['kRSA', true],
    ['DEFAULT@SECLEVEL=1', true],
    ['DEFAULT:@SECLEVEL=0', false],
    ['DEFAULT@SECLEVEL=0', false],
    ['ECDHE-RSA-AES128-SHA@SECLEVEL=0', false],
    ['HIGH:!aNULL:!NULL:@SECLEVEL=0', false],
    ['aNULL', false],
    ['eNULL', false],
    ['NULL', false],
    ['NULL-SHA256', false],
    ['ADH', false],
    ['AECDH-NULL-SHA', false],
    ['ADH-AES128-SHA256@SECLEVEL=0', false],
    ['ECDHE-RSA-AES128-SHA:RSA+NULL', false],
    ['ECDHE-RSA-AES128-SHA:kDHE+aNULL@SECLEVEL=0', false],
    ['HIGH@SECLEVEL=0', false],
    ['ALL:@SECLEVEL=0', false],
    ['kRSA@SECLEVEL=0', false],
    ['AES:!eNULL@SECLEVEL=0', false],
    ['SHA:!aNULL@SECLEVEL=0', false],
    ['COMPLEMENTOFALL@SECLEVEL=0', false],
    ['COMPLEMENTOFDEFAULT:@SECLEVEL=0', false],
    ['DEFAULT,NULL-SHA @SECLEVEL=0', false],
    ['TLS_RSA_WITH_NULL_SHA256@SECLEVEL=0', false],
    ['TLS_SHA256_SHA256', false],
  ]
  test.each(lists)('the cipher list %s', async (ciphers, taken) => {
    expect(verified({ ciphers })).toBe(taken ? undefined : 'CIPHER_UNSAFE')
    // The other way round by OpenSSL itself: of a list that is taken it offers nothing without protection.
    const offered = (await offeredCiphers(ciphers)) ?? []
    if (taken) expect(offered.filter(isUnprotected)).toEqual([])
  })

  test.each([
    ['HIGH@SECLEVEL=0', 'CIPHER_UNSAFE'],
    ['eNULL:AES128-SHA@SECLEVEL=0', 'CIPHER_UNSAFE'],
    ['HIGH', undefined],
  ])('a context made with %s', (ciphers, code) => {
    const weak = createSecureContext({ ca: [], ciphers })
    expect(verified({ secureContext: weak })).toBe(code)
    expect(codeOf({ sslOptions: profile({}, { secureContext: weak }) })).toBe(code)
  })

  test('of a list that node --tls-cipher-list has set, the error names that option', () => {
    const before = tls.DEFAULT_CIPHERS
    tls.DEFAULT_CIPHERS = 'ALL:@SECLEVEL=0'
    try {
      const message = expect.stringContaining('--tls-cipher-list')
      expect(() => check({ sslOptions: { rejectUnauthorized: true } })).toThrow(
        expect.objectContaining({ code: 'CIPHER_UNSAFE', message }),
      )
    } finally {
      tls.DEFAULT_CIPHERS = before
    }
  })

  test('OpenSSL does offer them where it is told to', async () => {
    const offered = await offeredCiphers('HIGH@SECLEVEL=0')
    expect(offered?.some(isUnprotected)).toBe(true)
  })
})

describe('the options are read once', () => {
  test.each([[null], [undefined], ['x'], [true]])('%j is not options', (options) => {
    expect(() => secureClientOptions(options as never)).toThrow(
      expect.objectContaining({
        code: 'OPTION_INVALID',
        message: expect.stringMatching(/secureClientOptions: the options/),
      }),
    )
  })

  test('a method of a class where an object is meant is not ignored', () => {
    class Configuration {
      sslOptions() {
        return { rejectUnauthorized: true }
      }
    }
    expect(() => secureClientOptions(new Configuration() as never)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })

  test('what a proxy answers without listing it is what the driver gets', () => {
    const sslOptions = { rejectUnauthorized: true }
    const proxy = new Proxy(
      { ...base },
      { get: (target, name) => ({ ...target, sslOptions })[name as never] },
    )
    expect({ ...secureClientOptions(proxy).sslOptions }).toEqual(sslOptions)
  })

  test('credentials that are an instance of a class become plain, since the driver may look later', () => {
    class Login {
      get username() {
        return 'alice'
      }
      get password() {
        return 'secret'
      }
    }
    const credentials = new Login()
    const read = check({ credentials, sslOptions: { rejectUnauthorized: true } }).credentials
    expect(Object.entries(read ?? {})).toEqual([
      ['username', 'alice'],
      ['password', 'secret'],
    ])
  })

  test('the bundle of cloud may be a URL, also one of another realm', () => {
    const bundle = (secureConnectBundle: unknown) => codeOf({ cloud: { secureConnectBundle } })
    expect(bundle(new URL('file:///bundle.zip'))).toBeUndefined()
    expect(bundle({ href: 'file:///bundle.zip' })).toBe('OPTION_INVALID')
  })

  test('what a prototype hides is what the driver gets, and so is a method of a class', () => {
    const bare = Object.create(Object.create(null, { rejectUnauthorized: { value: true } }))
    const { sslOptions } = check({ authProvider: cleartext, sslOptions: bare })
    expect({ ...sslOptions }).toMatchObject({ rejectUnauthorized: true })
    class Pinned {
      rejectUnauthorized = true
      checkServerIdentity() {
        return new Error('another pin')
      }
    }
    const pinned = check({ authProvider: cleartext, sslOptions: new Pinned() }).sslOptions
    expect({ ...pinned }).toHaveProperty('checkServerIdentity')
  })

  test('a profile is passed on by reference; what it inherits is read, and what may rotate is asked for', () => {
    let context = secureContext
    const given = profile({})
    Object.defineProperty(given, 'secureContext', { get: () => context, enumerable: true })
    const inheriting = Object.create(given)
    expect(check({ authProvider: cleartext, sslOptions: Object.freeze(given) }).sslOptions).toBe(given)
    const { sslOptions } = check({ authProvider: cleartext, sslOptions: inheriting })
    expect(Object.keys(sslOptions ?? {}).sort()).toEqual(['rejectUnauthorized', 'secureContext'])
    context = createSecureContext({ ca: [] })
    expect((sslOptions as { secureContext?: unknown }).secureContext).toBe(context)
  })

  test("a session that comes later is nobody else's than that of a profile that watches it", () => {
    let session: Buffer | undefined
    const reader = { [Symbol.for('@x/tls:reader')]: true }
    const own = { get: () => session, enumerable: true }
    const [plain, watching] = [{}, { resumesSessions: true }].map((record) => {
      const given = Object.defineProperty(profile(record, { onread: reader }), 'session', own)
      return check({ authProvider: cleartext, sslOptions: Object.freeze(given) }).sslOptions
    })
    session = Buffer.alloc(1)
    expect((plain as { session?: unknown }).session).toBeUndefined()
    expect((watching as { session?: unknown }).session).toBe(session)
  })

  test('what inherits from a profile demands a login as the profile does, and nobody else can be told to', () => {
    const made: unknown[] = []
    const reader = { buffer: Buffer.alloc(1), callback: () => true, [Symbol.for('@x/tls:reader')]: true }
    const make = (unasked: unknown) => {
      made.push(unasked)
      return reader
    }
    const given = profile({}, { onread: reader, [Symbol.for('@x/tls:reader')]: make })
    const { sslOptions } = check({ authProvider: hidden, sslOptions: Object.create(given) })
    expect(made).toEqual([expect.any(Function)])
    expect((sslOptions as { onread?: unknown }).onread).toBe(reader)
    const plain = { rejectUnauthorized: true }
    expect(codeOf({ authProvider: hidden, sslOptions: plain }, { requireAuthentication: true })).toBe(
      'OPTION_INVALID',
    )
  })

  test('an instance of a class with getters', () => {
    class Configuration {
      get contactPoints() {
        return ['127.0.0.1']
      }
      get localDataCenter() {
        return 'datacenter1'
      }
      get protocolOptions() {
        return Object.create({ maxVersion: 3 })
      }
      get sslOptions() {
        return { rejectUnauthorized: true, cert: 'x', key: 'y' }
      }
      get authProvider() {
        return cleartext
      }
    }
    const options = secureClientOptions(new Configuration() as ClientOptions)
    expect({ ...options }).toEqual({
      contactPoints: ['127.0.0.1'],
      localDataCenter: 'datacenter1',
      protocolOptions: { maxVersion: 3 },
      sslOptions: { rejectUnauthorized: true, cert: 'x', key: 'y' },
      authProvider: cleartext,
    })
  })

  test('what is changed in the given options later changes nothing that protects; what may rotate does', () => {
    const given: Record<string, unknown> = { rejectUnauthorized: true, ca: 'x', checkServerIdentity }
    const { sslOptions } = check({ authProvider: cleartext, sslOptions: given })
    Object.assign(given, {
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ca: 'y',
      host: 'z',
    })
    expect({ ...sslOptions }).toEqual({ rejectUnauthorized: true, ca: 'y', checkServerIdentity })
    // Nor in those that were returned.
    expect(() => Object.assign(sslOptions as object, { rejectUnauthorized: false })).toThrow(TypeError)
  })

  test.each(['sslOptions', 'authProvider', 'cloud', 'protocolOptions'])(
    '%s hidden from a listing is not lost',
    (name) => {
      const values = {
        sslOptions: { rejectUnauthorized: true },
        authProvider: hidden,
        cloud: { secureConnectBundle: 'x.zip' },
        protocolOptions: { maxVersion: 3 },
      }
      const value = values[name as keyof typeof values]
      const given = Object.defineProperty({ ...base }, name, { value, enumerable: false })
      expect({ ...secureClientOptions(given) }).toHaveProperty(name, expect.objectContaining(value))
    },
  )

  test.each<[string, (name: string) => object]>([
    [
      'hidden',
      (name) => Object.defineProperty({ rejectUnauthorized: true }, name, { value: () => undefined }),
    ],
    ['inherited', (name) => Object.create({ rejectUnauthorized: true, [name]: () => undefined })],
  ])('a misspelt name of sslOptions, %s, is refused', (_, tlsWith) => {
    expect(codeOf({ sslOptions: tlsWith('checkServerIdentty') })).toBe('OPTION_INVALID')
    expect(() => check({ sslOptions: tlsWith('checkServerIdentty') })).toThrow(
      /Did you mean checkServerIdentity\?/,
    )
  })

  test('an object that has a provider as its prototype is a stranger', () => {
    expect(codeOf({ authProvider: Object.create(hidden) })).toBe('CLEARTEXT_WITHOUT_TLS')
  })
})

describe('the version probe that would crash', () => {
  test.each([
    ['client certificate in a profile', profile({ sendsClientCertificate: true }), 4],
    [
      'its profile avoids TLS 1.3',
      profile({ sendsClientCertificate: true, maxVersion: 'TLSv1.2' }),
      undefined,
    ],
    ['no client certificate', profile({}), undefined],
    ['own options with a certificate', { rejectUnauthorized: true, cert: 'x', key: 'y' }, 4],
    [
      'own options with a certificate, TLS 1.2',
      { rejectUnauthorized: true, cert: 'x', key: 'y', maxVersion: 'TLSv1.2' },
      undefined,
    ],
    ['own options without', { rejectUnauthorized: true }, undefined],
  ])('%s', (_, sslOptions, maxVersion) => {
    const options = check({ sslOptions })
    expect(options.protocolOptions?.maxVersion).toBe(maxVersion)
    expect({ ...options.sslOptions }).toEqual({ ...sslOptions })
  })

  test('a version of the user stays, other options too, and nothing given is changed', () => {
    const sslOptions = profile({ sendsClientCertificate: true })
    const given = { ...base, sslOptions, protocolOptions: { port: 9142 } } as unknown as ClientOptions
    expect(secureClientOptions(given)).toMatchObject({
      ...base,
      protocolOptions: { port: 9142, maxVersion: 4 },
    })
    expect(given.protocolOptions).toEqual({ port: 9142 })
    expect(check({ sslOptions, protocolOptions: { maxVersion: 3 } }).protocolOptions?.maxVersion).toBe(3)
  })
})
