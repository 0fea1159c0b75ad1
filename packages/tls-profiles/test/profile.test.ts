/** What a profile is: its properties, its record, its explanation. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import tls, { createSecureContext } from 'node:tls'
import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import { unverified } from '../src/danger.js'
import {
  astra,
  cosmos,
  fromLegacyOptions,
  fromSecureContext,
  keyspaces,
  mutual,
  profileRecordOf,
  spkiPin,
  type TlsProfile,
  tlsProfile,
  verifyClient,
  verifyServer,
} from '../src/index.js'
import { type Authority, createAuthority, type Issued } from './support/certificates.js'
import { fileWith, removeFolders } from './support/folder.js'
import { thrown } from './support/thrown.js'

let ca: Authority
let me: Issued
const made: TlsProfile[] = []

beforeAll(async () => {
  ca = await createAuthority()
  me = await ca.issue({ commonName: 'me', names: [] })
})
afterEach(() => {
  for (const profile of made.splice(0)) profile.close()
})
afterAll(removeFolders)

function make<T extends TlsProfile>(profile: T): T {
  made.push(profile)
  return profile
}
const identity = () => ({ cert: me.cert, key: me.key })

/** Own enumerable properties, record, and what `explain` says, one row for each profile. */
const rows: [string, () => TlsProfile, object][] = [
  [
    'unverified',
    () => unverified(),
    {
      chain: false,
      name: false,
      names: 'none',
      sends: false,
      max: 'TLSv1.3',
      givesUp: ['SERVER_NOT_VERIFIED'],
    },
  ],
  [
    'verifyServer',
    () => verifyServer({ ca: ca.cert }),
    { chain: true, name: true, names: 'address', sends: false, max: 'TLSv1.3', givesUp: [] },
  ],
  [
    'verifyClient',
    () => verifyClient(identity()),
    {
      chain: false,
      name: false,
      names: 'none',
      sends: true,
      max: 'TLSv1.2',
      givesUp: ['SERVER_NOT_VERIFIED', 'TLS_1_3_NOT_OFFERED'],
    },
  ],
  [
    'mutual',
    () => mutual({ ca: ca.cert, ...identity() }),
    {
      chain: true,
      name: true,
      names: 'address',
      sends: true,
      max: 'TLSv1.2',
      givesUp: ['TLS_1_3_NOT_OFFERED'],
    },
  ],
  [
    'fromSecureContext',
    () => fromSecureContext(createSecureContext({ ca: ca.cert }), { hostname: 'db.example' }),
    { chain: true, name: true, names: 'fixed', sends: true, max: 'TLSv1.3', givesUp: [] },
  ],
  [
    'fromLegacyOptions',
    () => fromLegacyOptions({ caCerts: fileWith(ca.cert), checkHostname: false }),
    { chain: true, name: false, names: 'none', sends: false, max: 'TLSv1.3', givesUp: ['NAME_NOT_VERIFIED'] },
  ],
  [
    'keyspaces',
    () => keyspaces({ region: 'us-east-1' }),
    { chain: true, name: true, names: 'fixed', sends: false, max: 'TLSv1.3', givesUp: [] },
  ],
  [
    'cosmos',
    () => cosmos({ account: 'my-account' }),
    { chain: true, name: true, names: 'fixed', sends: false, max: 'TLSv1.3', givesUp: [] },
  ],
]

describe.each(rows)('%s', (name, create, expected) => {
  test('has a record, and an explanation that agrees with it', () => {
    const profile = make(create())
    const { verifies, names, sendsClientCertificate, maxVersion } = profile[tlsProfile]
    const { givesUp, ...explained } = profile.explain()
    expect({
      chain: verifies.chain,
      name: verifies.name,
      names,
      sends: sendsClientCertificate,
      max: maxVersion,
      givesUp: givesUp.map(({ code }) => code),
    }).toEqual(expected)
    expect(explained.profile).toBe(name)
    expect(explained.verifies).toEqual(verifies)
    expect(explained.names.mode).toBe(names)
    expect(explained.versions?.max ?? 'TLSv1.3').toBe(maxVersion)
    for (const { text } of givesUp) expect(explained.text).toContain(text)
    for (const { text } of explained.conditions) expect(explained.text).toContain(text)
  })

  test('shows the driver what it needs and no method', () => {
    const profile = make(create())
    const { verifies } = profile[tlsProfile]
    const always = ['secureContext', 'rejectUnauthorized']
    const keys = [
      ...always,
      ...(verifies.chain ? ['checkServerIdentity'] : []),
      ...(profile.servername ? ['servername'] : []),
      'onread',
      'signal',
    ]
    expect(Object.keys(profile)).toEqual(keys)
    expect(profile.rejectUnauthorized).toBe(verifies.chain)
    expect(profile.secureContext).toBe(profile.secureContext)
  })

  test('cannot be changed, and a spread copy carries the record', () => {
    const profile = make(create())
    expect(() => Object.assign(profile, { rejectUnauthorized: false })).toThrow(TypeError)
    expect(profileRecordOf({ ...profile })).toBe(profile[tlsProfile])
    expect(Object.isFrozen(profile[tlsProfile]) && Object.isFrozen(profile[tlsProfile].verifies)).toBe(true)
  })
})

test('explains trust, names, pins, versions, ciphers and the expiry', () => {
  const caFile = fileWith(ca.cert)
  const pin = spkiPin(ca.cert)
  const profile = make(
    mutual({
      ca: caFile,
      ...identity(),
      hostname: { '10.0.0.1': 'db1.example', '::0:1': 'DB2.example' },
      pins: [pin],
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      ciphers: 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256',
    }),
  )
  const explained = profile.explain()
  expect(explained).toMatchObject({
    trust: { systemRoots: false, ca: [{ subject: 'CN=Test CA', file: caFile }], crls: 0 },
    names: { expected: { '10.0.0.1': 'db1.example', '::1': 'db2.example' }, servername: undefined },
    pins: [pin.slice('sha256/'.length)],
    clientCertificate: { subject: 'CN=me' },
    versions: { min: 'TLSv1.2', max: 'TLSv1.3' },
    ciphers: 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256',
    rotation: { watching: true, files: [caFile] },
    conditions: [{ code: 'PROTOCOL_MAX_VERSION' }],
  })
  const ends = [ca, me].map(({ x509 }) => x509.notAfter.getTime())
  expect(explained.validUntil?.getTime()).toBe(Math.min(...ends))
})

test('explains what legacy versions and weak ciphers give up', () => {
  const profile = make(verifyServer({ ca: ca.cert, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }))
  expect(profile.explain().givesUp.map(({ code }) => code)).toEqual(['LEGACY_VERSIONS', 'WEAK_CIPHERS'])
})

test.each<[string, string]>([
  ['HIGH@SECLEVEL=0', 'weak keys, and servers that show no certificate'],
  ['kDHE+aNULL:@SECLEVEL=0', 'weak keys, and servers that show no certificate'],
  ['NULL-SHA256@SECLEVEL=0', 'weak keys, and no encryption at all'],
  ['HIGH:eNULL@SECLEVEL=0', 'weak keys, and servers that show no certificate, and no encryption at all'],
  ['HIGH:!aNULL:!eNULL@SECLEVEL=0', 'weak keys'],
  ['HIGH@SECLEVEL=0:@SECLEVEL=2', ''],
  ['ALL', ''], // above level 0 nothing of it is offered
  ['HIGH:!aNULL', ''],
  ['DEFAULT', ''],
  ['TLS_AES_128_GCM_SHA256', ''],
])('weak ciphers in %s are found in what OpenSSL offers, not in the text', (ciphers, weak) => {
  const { givesUp } = make(verifyServer({ ca: ca.cert, ciphers })).explain()
  expect(givesUp.map(({ text }) => text)).toEqual(weak ? [`the cipher list allows ${weak}`] : [])
})

test('weak ciphers are also found in the list of node --tls-cipher-list', () => {
  const before = tls.DEFAULT_CIPHERS
  try {
    tls.DEFAULT_CIPHERS = 'ALL:@SECLEVEL=0'
    const { givesUp, ciphers } = make(verifyServer({ ca: ca.cert })).explain()
    expect(ciphers).toBeUndefined()
    expect(givesUp).toMatchObject([{ code: 'WEAK_CIPHERS' }])
  } finally {
    tls.DEFAULT_CIPHERS = before
  }
})

test('an older version needs security level 0', () => {
  const given = { ca: ca.cert, minVersion: 'TLSv1' } as const
  const raised = () => verifyServer({ ...given, ciphers: 'DEFAULT@SECLEVEL=0:@SECLEVEL=2' })
  expect(thrown(raised).code).toBe('VERSIONS_INVALID')
  expect(make(verifyServer({ ...given, ciphers: 'DEFAULT:@SECLEVEL=0' })).explain().versions?.min).toBe(
    'TLSv1',
  )
})

test('shows no key and no passphrase', () => {
  const [, body = ''] = me.key.split('\n')
  const profile = make(mutual({ ca: ca.cert, ...identity(), passphrase: 'hunter-two-secret' }))
  const shown = inspect(profile, { depth: 9, showHidden: true, getters: true }) + JSON.stringify(profile)
  expect(shown).not.toContain(body)
  expect(shown).not.toContain('hunter-two-secret')
  const all = inspect([profile.explain(), profile.status()], { depth: 9 })
  expect(all).not.toContain(body)
})

describe('options', () => {
  test.each<[string, () => unknown, string]>([
    [
      'a misspelt option',
      () => verifyServer({ ca: 'x', rejectUnauthorised: true } as never),
      'OPTION_INVALID',
    ],
    ['no CA to trust', () => verifyServer({} as never), 'CA_REQUIRED'],
    ['an unset environment variable as CA', () => verifyServer({ ca: undefined as never }), 'CA_REQUIRED'],
    ['an empty list of CAs', () => verifyServer({ ca: [] }), 'OPTION_INVALID'],
    ...(
      [['an empty text'], ['a NUL in it', 'a\0b'], ['a NUL at its end', 'a\0'], ['a number', 5]] as const
    ).map(([title, path = '']): [string, () => unknown, string] => [
      `the path of a passphrase: ${title}`,
      () => verifyClient({ pfx: 'x', passphrase: { path: path as string } }),
      'OPTION_INVALID',
    ]),
    ['no options at all', () => verifyServer(undefined as never), 'CA_REQUIRED'],
    ['a string instead of options', () => verifyServer('ca.pem' as never), 'OPTION_INVALID'],
    ['a key without a certificate', () => verifyClient({ key: 'x' } as never), 'OPTION_INVALID'],
    ['two identities', () => verifyClient({ cert: 'x', key: 'x', pfx: 'x' } as never), 'OPTION_INVALID'],
    ...[{ passphrase: '' }, { alias: 'x' }, { keyPassphrase: 'x' }, { keyPassphrase: '' }].map(
      (more): [string, () => TlsProfile, string] => [
        `with a PEM key, an option of stores: ${JSON.stringify(more)}`,
        () => verifyClient({ ...identity(), ...more } as never),
        'OPTION_INVALID',
      ],
    ),
    ['no identity', () => mutual({ ca: 'x' } as never), 'OPTION_INVALID'],
    ['a hostname with a port', () => verifyServer({ ca: ca.cert, hostname: 'db:9042' }), 'OPTION_INVALID'],
    [
      'a hostname with a wildcard',
      () => verifyServer({ ca: ca.cert, hostname: '*.x.example' }),
      'OPTION_INVALID',
    ],
    [
      'a map of names to names',
      () => verifyServer({ ca: ca.cert, hostname: { db: 'db.example' } }),
      'OPTION_INVALID',
    ],
    ['an empty map', () => verifyServer({ ca: ca.cert, hostname: {} }), 'OPTION_INVALID'],
    [
      'a hostname of another type',
      () => verifyServer({ ca: ca.cert, hostname: true as never }),
      'OPTION_INVALID',
    ],
    [
      'public CAs without a name',
      () => verifyServer({ systemRoots: true, hostname: false }),
      'OPTION_INVALID',
    ],
    [
      'a poll interval of zero',
      () => verifyServer({ ca: ca.cert, watch: { pollIntervalMs: 0 } }),
      'OPTION_INVALID',
    ],
    ['a negative warning time', () => verifyServer({ ca: ca.cert, expiresSoonMs: -1 }), 'OPTION_INVALID'],
    [
      'a passphrase that is not text',
      () => verifyClient({ ...identity(), passphrase: 1 as never }),
      'OPTION_INVALID',
    ],
    ['a pin that is not a digest', () => verifyServer({ ca: ca.cert, pins: ['sha256/AAAA'] }), 'PIN_INVALID'],
    ['an empty list of pins', () => verifyServer({ ca: ca.cert, pins: [] }), 'OPTION_INVALID'],
    [
      'an unknown version',
      () => verifyServer({ ca: ca.cert, minVersion: 'SSLv3' as never }),
      'OPTION_INVALID',
    ],
    [
      'versions in the wrong order',
      () => verifyServer({ ca: ca.cert, minVersion: 'TLSv1.3', maxVersion: 'TLSv1.2' }),
      'VERSIONS_INVALID',
    ],
    [
      'a legacy version without ciphers',
      () => verifyServer({ ca: ca.cert, minVersion: 'TLSv1.1' }),
      'VERSIONS_INVALID',
    ],
    [
      'ciphers of 1.3 up to 1.2',
      () => verifyServer({ ca: ca.cert, maxVersion: 'TLSv1.2', ciphers: 'TLS_AES_128_GCM_SHA256' }),
      'VERSIONS_INVALID',
    ],
    [
      'ciphers of 1.2 from 1.3',
      () => verifyServer({ ca: ca.cert, minVersion: 'TLSv1.3', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }),
      'VERSIONS_INVALID',
    ],
    [
      'a cipher that does not exist',
      () => verifyServer({ ca: ca.cert, ciphers: 'ECDHE-RSA-AES129-GCM-SHA256' }),
      'CIPHERS_INVALID',
    ],
    [
      'one such with a good one',
      () => verifyServer({ ca: ca.cert, ciphers: 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES129-GCM-SHA256' }),
      'CIPHERS_INVALID',
    ],
    [
      'a cipher by its name in Java',
      () => verifyServer({ ca: ca.cert, ciphers: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256' }),
      'CIPHERS_INVALID',
    ],
    [
      'a selector that selects nothing',
      () => verifyServer({ ca: ca.cert, ciphers: 'NONSENSE' }),
      'CIPHERS_INVALID',
    ],
    ['an empty cipher list', () => verifyServer({ ca: ca.cert, ciphers: '' }), 'OPTION_INVALID'],
    ['something that is not a context', () => fromSecureContext({} as never), 'OPTION_INVALID'],
    [
      'legacy options in Python’s spelling',
      () => fromLegacyOptions({ ca_certs: 'x' } as never),
      'OPTION_INVALID',
    ],
    ['legacy options without CAs', () => fromLegacyOptions({}), 'CA_REQUIRED'],
    ['an unknown cert_reqs', () => fromLegacyOptions({ certReqs: 'maybe' as never }), 'OPTION_INVALID'],
    [
      'an unknown ssl_version',
      () => fromLegacyOptions({ certReqs: 'none', sslVersion: 'PROTOCOL_SSLv2' as never }),
      'OPTION_INVALID',
    ],
    [
      'a legacy version by its Python name',
      () => fromLegacyOptions({ certReqs: 'none', sslVersion: 'PROTOCOL_TLSv1' }),
      'VERSIONS_INVALID',
    ],
    [
      'check_hostname without cert_reqs',
      () => fromLegacyOptions({ certReqs: 'none', checkHostname: true }),
      'OPTION_INVALID',
    ],
    [
      'keyfile without certfile',
      () => fromLegacyOptions({ certReqs: 'none', keyfile: 'x' }),
      'OPTION_INVALID',
    ],
  ])('%s is refused', (_, create, code) => {
    const error = thrown(create)
    expect(error.code).toBe(code)
    expect(error.remedy).not.toBe('')
  })

  test.each([
    ['verifyServer', (options: object) => verifyServer({ ca: ca.cert, ...options } as never)],
    ['mutual', (options: object) => mutual({ ca: ca.cert, ...identity(), ...options } as never)],
  ])('%s: a protection that is null or empty, or has such an entry, is refused', (_, create) => {
    for (const option of ['ca', 'crl', 'pins', 'hostname', 'watch', 'minVersion', 'ciphers', 'resumption']) {
      for (const value of [null, '', [], [undefined], [null], ['']]) {
        const error = thrown(() => create({ [option]: value }))
        expect([option, value, error.code]).toEqual([option, value, 'OPTION_INVALID'])
        expect(error.message).toContain(option)
      }
    }
  })

  test('undefined means not given: the safe default is used, as without the key', () => {
    const names = ['crl', 'pins', 'hostname', 'watch', 'minVersion', 'maxVersion', 'ciphers', 'systemRoots']
    const given = Object.fromEntries(names.map((name) => [name, undefined]))
    const profile = make(verifyServer({ ca: ca.cert, ...given }))
    expect(profile.explain().text).toBe(make(verifyServer({ ca: ca.cert })).explain().text)
    expect(thrown(() => verifyServer({ ca: undefined as never })).message).toContain('`ca`')
  })

  test('an instance of a class is read once, as it is used', () => {
    class Settings {
      get ca() {
        return ca.cert
      }
      get hostname() {
        return 'db.example'
      }
    }
    expect(make(verifyServer(new Settings())).servername).toBe('db.example')
  })

  test.each<[string, (options: never) => unknown]>([
    ['verifyServer', verifyServer],
    ['verifyClient', verifyClient],
    ['mutual', mutual],
    ['unverified', unverified],
    ['cosmos', cosmos],
    ['keyspaces', keyspaces],
    ['astra', astra],
    ['fromLegacyOptions', fromLegacyOptions],
    ['fromSecureContext', (options) => fromSecureContext(createSecureContext(), options)],
  ])('%s suggests the option for a misspelt one', (who, create) => {
    const option = { astra: 'bundel', fromSecureContext: 'hostnam' }[who] ?? 'watchh'
    const error = thrown(() => create({ [option]: true } as never))
    expect(error.message).toMatch(new RegExp(`^${who} has no option "${option}"; it has .*Did you mean `))
  })

  test.each([
    ['ssl_version', 'minVersion'],
    ['sslVersion', 'minVersion'],
    ['server_hostname', 'hostname'],
    ['servername', 'hostname'],
    ['certfile', 'cert'],
    ['keystore', 'pfx'],
  ])('the foreign name %s suggests %s', (theirs, ours) => {
    const error = thrown(() => mutual({ ca: ca.cert, ...identity(), [theirs]: 'x' } as never))
    expect([error.code, error.message.includes(`Did you mean ${ours}?`)]).toEqual(['OPTION_INVALID', true])
  })

  test('watch, resumption and a trust store have their own options', () => {
    const within = [
      { watch: { pollIntervallMs: 5 } },
      { resumption: { port: 9042, hots: 'a' }, hostname: 'a' },
      { ca: { pfx: 'x', passphrse: '' } },
      { ca: { pfx: 'x', jks: 'y' } },
      { ca: { passphrase: 'x' } },
    ]
    for (const options of within) {
      expect(thrown(() => verifyServer({ ca: ca.cert, ...options } as never)).code).toBe('OPTION_INVALID')
    }
  })

  test('bytes of another realm are bytes', () => {
    const bytes = runInNewContext('Uint8Array.from(given)', { given: [...Buffer.from(ca.cert)] })
    expect(bytes instanceof Uint8Array).toBe(false)
    expect(make(verifyServer({ ca: bytes, pins: [spkiPin(bytes)] })).explain().trust?.ca).toHaveLength(1)
    const names = runInNewContext("new Map([['10.0.0.1', 'db.example']])")
    const { expected } = make(verifyServer({ ca: ca.cert, hostname: names })).explain().names
    expect(expected).toEqual({ '10.0.0.1': 'db.example' })
  })

  test('a version with Python’s name is refused with that name', () => {
    const error = thrown(() => fromLegacyOptions({ certReqs: 'none', sslVersion: 'PROTOCOL_TLSv1_1' }))
    expect(error.code).toBe('VERSIONS_INVALID')
    expect(error.message).toContain("sslVersion: 'PROTOCOL_TLSv1_1'")
  })

  test('a cipher list without names of TLS 1.3 narrows to TLS 1.2, and says so', () => {
    const profile = make(verifyServer({ ca: ca.cert, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }))
    expect(profile.explain().versions).toEqual({ min: 'TLSv1.2', max: 'TLSv1.2' })
    expect(profile[tlsProfile].maxVersion).toBe('TLSv1.2')
    const modern = make(verifyServer({ ca: ca.cert, ciphers: 'TLS_AES_128_GCM_SHA256' }))
    expect(modern.explain().versions).toEqual({ min: 'TLSv1.3', max: 'TLSv1.3' })
  })
})

test('importing the package loads neither the engine nor what few profiles need', () => {
  const src = join(__dirname, '../src')
  const seen = new Set<string>()
  const outside = new Set<string>()
  const visit = (file: string) => {
    if (seen.has(file)) return
    seen.add(file)
    const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)'/gm)
    for (const [, name = ''] of imports) {
      if (name.startsWith('.')) visit(join(file, '..', name.replace(/\.js$/, '.ts')))
      else outside.add(name)
    }
  }
  visit(join(src, 'index.ts'))
  expect([...outside].sort()).toEqual(['node:net', 'node:url', 'node:util'])
  const lazy = [
    'engine',
    'rotation',
    'material',
    'store',
    'jks',
    'pkcs12',
    'zip',
    'bundle',
    'resumption',
    'amazon-roots',
  ]
  for (const name of lazy) expect(seen).not.toContain(join(src, 'lib', `${name}.ts`))
})
