/** Names in certificates: with real certificates, in the form that Node.js passes them. */
import { X509Certificate } from 'node:crypto'
import { isIP, type Socket } from 'node:net'
import type { PeerCertificate } from 'node:tls'
import fc from 'fast-check'
import { alternativeNames, namesOf } from '../src/certificate.js'
import { fromSecureContext, mutual, verifyServer } from '../src/index.js'
import { endpointKey, endpointReached } from '../src/lib/endpoint.js'
import { canonicalAddress, checkedName } from '../src/lib/identity/host-name.js'
import {
  changingName,
  type Hostname,
  nameCheck,
  nameRuleOf,
  servernameOf,
} from '../src/lib/identity/names.js'
import { type Authority, createAuthority, type IssueOptions } from './support/certificates.js'
import { thrown } from './support/thrown.js'

let ca: Authority
beforeAll(async () => {
  ca = await createAuthority()
})

async function peerWith(options: IssueOptions): Promise<PeerCertificate> {
  const { raw } = new X509Certificate((await ca.issue(options)).cert)
  return { raw } as PeerCertificate
}

async function check(
  hostname: Hostname = 'address',
  host: string,
  options: IssueOptions,
  commonName = false,
) {
  return nameCheck(nameRuleOf(hostname, commonName))(host, await peerWith(options))
}

const dns = (value: string) => ({ alternatives: [{ type: 'dns' as const, value }] })

test.each<[string, Hostname | undefined, string, string[] | IssueOptions, string]>([
  ['IPv4', undefined, '10.0.0.1', ['10.0.0.1'], 'ok'],
  ['another IPv4', undefined, '10.0.0.1', ['10.0.0.2'], 'NAME_MISMATCH'],
  ['an address as DNS name does not count', undefined, '10.0.0.1', dns('10.0.0.1'), 'NAME_MISMATCH'],
  ['IPv6 in another spelling', undefined, '2001:0DB8:0::1', ['2001:db8::1'], 'ok'],
  ['IPv6 with a zone', undefined, 'fe80::1%eth0', ['fe80::1'], 'ok'],
  ['another IPv6', undefined, '2001:db8::1', ['2001:db8::2'], 'NAME_MISMATCH'],
  ['a fixed IPv6 address', '2001:DB8::1', '10.0.0.1', ['2001:db8::1'], 'ok'],
  ['a map by IPv6 in another spelling', { '2001:db8:0::1': 'a.example' }, '2001:DB8::1', ['a.example'], 'ok'],
  ['a wildcard', 'a.nodes.example', '10.0.0.1', ['*.nodes.example'], 'ok'],
  ['a wildcard is one label', 'a.b.nodes.example', '10.0.0.1', ['*.nodes.example'], 'NAME_MISMATCH'],
  ['a wildcard is not the domain', 'nodes.example', '10.0.0.1', ['*.nodes.example'], 'NAME_MISMATCH'],
  ['a wildcard is a whole label', 'db1.nodes.example', '10.0.0.1', ['db*.nodes.example'], 'NAME_MISMATCH'],
  ['a wildcard is the first label', 'a.b.example', '10.0.0.1', ['a.*.example'], 'NAME_MISMATCH'],
  ['letters of any case', 'DB.Example', '10.0.0.1', ['db.EXAMPLE'], 'ok'],
  ['the dot of an absolute name', 'db.example.', '10.0.0.1', ['db.example'], 'ok'],
  ['an international name', 'bücher.example', '10.0.0.1', ['xn--bcher-kva.example'], 'ok'],
  ['the common name does not count', 'node', '10.0.0.1', [], 'NAME_MISMATCH'],
  ['the common name does not count next to an address', 'node', '10.0.0.1', ['10.0.0.1'], 'NAME_MISMATCH'],
  ['a map without the address', { '10.0.0.2': 'a.example' }, '10.0.0.1', ['a.example'], 'NAME_UNKNOWN'],
  ['a function of the address', (address) => `n${address.at(-1)}.example`, '10.0.0.7', ['n7.example'], 'ok'],
  ['a function that returns nothing', () => undefined as never, '10.0.0.7', ['a.example'], 'NAME_UNKNOWN'],
  [
    'a function that returns a promise',
    (() => Promise.resolve('a')) as never,
    '10.0.0.7',
    ['a'],
    'OPTION_INVALID',
  ],
  ['a function that returns a wildcard', () => '*.example', '10.0.0.7', ['a.example'], 'OPTION_INVALID'],
  ['no name at all', false, '10.0.0.1', ['whatever'], 'ok'],
])('%s', async (_, hostname, host, names, expected) => {
  const options = Array.isArray(names) ? { names } : names
  expect((await check(hostname, host, options))?.code ?? 'ok').toBe(expected)
})

test('a program that checks only the end of a name gets that server or an error, never another', async () => {
  // A function that trusts names that end in .example. A URL parser would cut or drop something, and the attacker's
  // certificate would fit.
  const evil = { names: ['evil.test', 'evil.testx.example'] }
  for (const between of [
    '/',
    '?',
    '#',
    '\\',
    '\t',
    '\n',
    '\r',
    '%2f',
    '@',
    ':',
    ' ',
    '\u3000',
    '\u00ad/',
    '／',
  ]) {
    const name = `evil.test${between}x.example`
    expect((await check(() => name, '10.0.0.1', evil))?.code).toBe('OPTION_INVALID')
  }
})

test('a name is used as it was given, in lower case and ASCII, or refused', () => {
  const letter = fc.constantFrom(
    ...'aZ0-_./\\?#@:%[]*\t\n ,;~\u00ad\u2024\u3002\uff0e\uff0fßéa\u0301'.split(''),
  )
  fc.assert(
    fc.property(fc.string({ unit: letter, minLength: 1, maxLength: 24 }), (name) => {
      let used: string
      try {
        used = checkedName(name, 'it')
      } catch (error) {
        expect(error).toMatchObject({ code: 'OPTION_INVALID' })
        return
      }
      if (isIP(name) !== 0) return
      expect(used).toMatch(/^[a-z0-9_.-]+$/)
      expect(used.split('.').length).toBe(name.replace(/\.$/, '').split('.').length)
      if (/^[ -~]*$/.test(name)) expect(used).toBe(name.toLowerCase().replace(/\.$/, ''))
    }),
    { numRuns: 3_000 },
  )
})

test.each([
  '',
  '.',
  'a b',
  'https://db.example',
  'db.example:9042',
  'db..example',
  'db.example..',
  '.example',
  '*.example',
  '1.2',
  '0x7f.1',
  '010.0.0.1',
  '2130706433',
  `${'a'.repeat(64)}.example`,
  `${'a.'.repeat(127)}example`,
  'a.0x7f',
  'a.0x',
  'ａ.example',
  'a\u00adb.example',
  'i\u2764.example', // a symbol
  'bücher.1',
  `${'ü'.repeat(64)}.example`, // too long as ASCII
  5,
  undefined,
])('%j is not a name', (name) => {
  expect(thrown(() => checkedName(name, 'it')).code).toBe('OPTION_INVALID')
})

test.each([
  ['a', 'a'],
  ['db1.example', 'db1.example'],
  ['2nd.example', '2nd.example'],
  ['10.2nd', '10.2nd'],
  ['0x7f.example', '0x7f.example'],
  ['a.0x7g', 'a.0x7g'],
  ['a.b_c.d-e.example', 'a.b_c.d-e.example'],
  ['XN--Bcher-KVA.example', 'xn--bcher-kva.example'],
  ['Bücher.example', 'xn--bcher-kva.example'],
  ['bu\u0308cher.example', 'xn--bcher-kva.example'],
  [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
  [`${'a.'.repeat(123)}example`, `${'a.'.repeat(123)}example`],
  ['10.0.0.1', '10.0.0.1'],
  ['2001:DB8:0::1', '2001:db8::1'],
])('%j is the name %j', (name, used) => {
  expect(checkedName(name, 'it')).toBe(used)
})

test('what is not a name is shown, cut if it is long', () => {
  const messageOf = (name: unknown) => thrown(() => checkedName(name, 'The host')).message
  expect(messageOf('a\tb')).toContain('The host must be a host name or an IP address, not "a\\tb".')
  expect(messageOf(5)).toContain('The host must be a host name or an IP address, not number.')
  expect(messageOf('/'.repeat(10_000)).length).toBeLessThan(400)
})

describe('the option hostname', () => {
  const problemOf = (hostname: Hostname) => thrown(() => nameRuleOf(hostname, false))

  test.each<[string, Hostname, string]>([
    ['a bad name', 'a b', 'hostname'],
    ['a map without an address', {}, 'hostname'],
    ['a Map without an address', new Map(), 'hostname'],
    ['a map by name', { 'node.example': 'a.example' }, '"node.example"'],
    ['a map by address and port', { '10.0.0.1:9042': 'a.example' }, '"10.0.0.1:9042"'],
    ['a map to a bad name', { '10.0.0.1': 'a.example', '10.0.0.2': 'a b' }, 'hostname` of 10.0.0.2'],
    ['neither URI nor prefix', { uri: undefined } as never, 'uriPrefix'],
    ['a bad URI', { uri: 'x' }, 'hostname'],
  ])('%s is refused, and the error says which', (_, hostname, named) => {
    const { code, message } = problemOf(hostname)
    expect([code, message]).toEqual(['OPTION_INVALID', expect.stringContaining(named)])
  })

  test('a Map counts like a record', async () => {
    const names = new Map([['10.0.0.1', 'a.example']])
    expect(await check(names, '10.0.0.1', { names: ['a.example'] })).toBeUndefined()
    expect((await check(names, '10.0.0.2', { names: ['a.example'] }))?.code).toBe('NAME_UNKNOWN')
  })

  test('a function that fails is the cause of an error that names the address', async () => {
    const cause = new Error('no such node')
    const fail = () => {
      throw cause
    }
    const error = await check(fail, '10.0.0.7', { names: ['a.example'] })
    expect(error).toMatchObject({ code: 'NAME_UNKNOWN', cause })
    expect(error?.message).toContain('10.0.0.7')
  })

  test('only a function can change its answer', () => {
    const now = changingName(nameRuleOf((address) => `N${address.at(-1)}.example`, false))
    expect(now?.('10.0.0.7')).toBe('n7.example')
    for (const hostname of ['address', 'a.example', { '10.0.0.1': 'a' }, { uri: 'x:y' }, false] as const) {
      expect(changingName(nameRuleOf(hostname, false))).toBeUndefined()
    }
  })
})

describe('a common name', () => {
  const onlyCommonName = { commonName: 'db.example', names: [] }

  test('counts if the option is set and there is no DNS name', async () => {
    expect(await check('db.example', '10.0.0.1', onlyCommonName, true)).toBeUndefined()
    expect(await check({ '10.0.0.1': 'db.example' }, '10.0.0.1', onlyCommonName, true)).toBeUndefined()
    const withName = { commonName: 'db.example', names: ['other.example'] }
    expect((await check('db.example', '10.0.0.1', withName, true))?.code).toBe('NAME_MISMATCH')
  })

  test('that would fit is named in the error', async () => {
    const error = await check('db.example', '10.0.0.1', onlyCommonName)
    expect([error?.code, error?.message]).toEqual([
      'NAME_MISMATCH',
      expect.stringContaining('acceptCommonName'),
    ])
  })

  test('is an option only with a name, and explain() says what is given up', () => {
    const profile = verifyServer({ ca: ca.cert, hostname: 'db.example', acceptCommonName: true })
    expect(profile.explain().givesUp.map(({ code }) => code)).toEqual(['COMMON_NAME_ACCEPTED'])
    for (const hostname of ['address', '10.0.0.1', false, { uri: 'spiffe://a/b' }] as const) {
      const create = () => verifyServer({ ca: ca.cert, hostname, acceptCommonName: true })
      expect(thrown(create).code).toBe('OPTION_INVALID')
    }
  })
})

describe('a URI', () => {
  const id = 'spiffe://mesh.example/ns/prod/sa/cassandra'
  const of = (...uris: string[]): IssueOptions => ({ commonName: '', names: uris })

  test.each<[string, Hostname, IssueOptions, string]>([
    ['the one', { uri: id }, of(id), 'ok'],
    ['another', { uri: id }, of(`${id}2`), 'NAME_MISMATCH'],
    ['one that is longer', { uri: id }, of(`${id}/x`), 'NAME_MISMATCH'],
    ['of another case', { uri: id }, of(id.replace('prod', 'Prod')), 'NAME_MISMATCH'],
    ['of two URIs none counts', { uri: id }, of(id, 'spiffe://mesh.example/other'), 'NAME_MISMATCH'],
    ['beside a name', { uri: id }, of(id, 'db.example'), 'ok'],
    ['a name that looks like it', { uri: id }, dns('URI:spiffe'), 'NAME_MISMATCH'],
    ['a trust domain', { uriPrefix: 'spiffe://mesh.example/' }, of(id), 'ok'],
    ['a part of it', { uriPrefix: 'spiffe://mesh.example/ns/prod/' }, of(id), 'ok'],
    ['another part', { uriPrefix: 'spiffe://mesh.example/ns/test/' }, of(id), 'NAME_MISMATCH'],
    [
      'a domain that begins like it',
      { uriPrefix: 'spiffe://mesh.example/' },
      of('spiffe://mesh.example.evil/ns'),
      'NAME_MISMATCH',
    ],
    [
      'a path that leads out',
      { uriPrefix: 'spiffe://mesh.example/ns/' },
      of('spiffe://mesh.example/ns/../x'),
      'NAME_MISMATCH',
    ],
    ['of another scheme', { uri: 'https://db.example/x' }, of('https://db.example/x', id), 'ok'],
    [
      'of another scheme, another',
      { uri: 'https://db.example/x' },
      of('https://db.example/y'),
      'NAME_MISMATCH',
    ],
    ['of no URI', { uri: id }, { names: ['db.example'] }, 'NAME_MISMATCH'],
    ['of no URI, by prefix', { uriPrefix: 'spiffe://mesh.example/' }, { names: [] }, 'NAME_MISMATCH'],
    ['the longest ID', { uriPrefix: 'spiffe://a/' }, of(`spiffe://a/${'b'.repeat(2037)}`), 'ok'],
    [
      'one that is too long',
      { uriPrefix: 'spiffe://a/' },
      of(`spiffe://a/${'b'.repeat(2038)}`),
      'NAME_MISMATCH',
    ],
  ])('%s', async (_, hostname, options, expected) => {
    expect((await check(hostname, '10.0.0.1', options))?.code ?? 'ok').toBe(expected)
  })

  test('in the certificate of a CA does not count', async () => {
    const { raw } = new X509Certificate(
      (
        await ca.intermediate('', {
          extensions: [
            new (
              await import('@peculiar/x509')
            ).SubjectAlternativeNameExtension([{ type: 'url', value: id }]),
          ],
        })
      ).cert,
    )
    expect(nameCheck(nameRuleOf({ uri: id }, false))('10.0.0.1', { raw } as PeerCertificate)?.code).toBe(
      'NAME_MISMATCH',
    )
  })

  test.each<[string, object]>([
    ['no URI', { uri: 'db.example' }],
    ['unset', { uri: undefined }],
    ['null', { uri: null }],
    ['empty', { uri: '' }],
    ['with a slash at the end', { uri: 'spiffe://mesh.example/' }],
    ['with a port', { uri: 'spiffe://mesh.example:8443/a' }],
    ['in upper case', { uri: 'SPIFFE://mesh.example/a' }],
    ['a prefix within a segment', { uriPrefix: 'spiffe://mesh.example/ns' }],
    ['a prefix of every domain', { uriPrefix: 'spiffe://' }],
    ['both', { uri: id, uriPrefix: 'spiffe://mesh.example/' }],
    ['misspelt', { uriPrefx: 'spiffe://mesh.example/' }],
    ['a number', { uri: 5 }],
    ['a prefix that is a number', { uriPrefix: 5 }],
    ['a scheme that begins with a digit', { uri: '1x:y' }],
    ['a scheme in upper case', { uri: 'HTTPS://db.example/x' }],
    ['with a space', { uri: 'https://db.example/a b' }],
    ['with a letter beyond ASCII', { uri: 'https://db.example/é' }],
    ['a scheme alone', { uri: 'https:' }],
    ['SPIFFE within SPIFFE', { uri: 'spiffe:spiffe://mesh.example/a' }],
    ['a prefix that begins before SPIFFE', { uriPrefix: 'xspiffe://mesh.example/' }],
    ['a segment of one dot', { uri: 'spiffe://mesh.example/./a' }],
    ['a segment of two dots', { uri: 'spiffe://mesh.example/a/../b' }],
    ['two dots at the end', { uri: 'spiffe://mesh.example/a/..' }],
    ['an empty segment', { uri: 'spiffe://mesh.example//a' }],
    ['a query', { uri: 'spiffe://mesh.example/a?b' }],
    ['a trust domain that is too long', { uri: `spiffe://${'a'.repeat(256)}/b` }],
    ['an ID that is too long', { uri: `spiffe://a/${'b'.repeat(2038)}` }],
    ['a prefix of another scheme', { uriPrefix: 'https://mesh.example/' }],
  ])('%s is refused', (_, hostname) => {
    expect(thrown(() => verifyServer({ ca: ca.cert, hostname: hostname as Hostname })).code).toBe(
      'OPTION_INVALID',
    )
  })

  test.each([
    'urn:x',
    'https://db.example:8443/a?b#c',
    'a+b-c.d1:e',
    'spiffe://mesh.example',
    'spiffe://mesh.example/...',
    'spiffe://mesh.example/.a/..b/Prod_1',
    `spiffe://${'a'.repeat(255)}/b`,
    `spiffe://a/${'b'.repeat(2037)}`,
  ])('%s is accepted', (uri) => {
    expect(nameRuleOf({ uri }, false)).toEqual({ mode: 'uri', uri, isPrefix: false })
  })

  test('is not sent, and explain() shows it', () => {
    const profile = verifyServer({ ca: ca.cert, hostname: { uri: id } })
    expect(Object.keys(profile)).not.toContain('servername')
    expect(profile.explain()).toMatchObject({
      verifies: { chain: true, name: true },
      names: { mode: 'uri', expected: id, servername: undefined },
    })
    expect(profile.explain().text).toContain(id)
  })
})

test('says which names the certificate has', async () => {
  const error = await check('b.example', '10.0.0.2', { names: ['a.example', '10.0.0.1'] })
  expect(error?.certificate?.names).toEqual(['a.example', '10.0.0.1'])
  expect(error?.message).toContain('b.example (at 10.0.0.2)')
})

test.each<[string, Hostname, IssueOptions, string]>([
  [
    'an address',
    'address',
    { names: ['a.example', '10.0.0.1'] },
    '10.0.0.2; its names are: a.example, 10.0.0.1.',
  ],
  ['a name', 'b.example', { names: ['a.example'] }, 'b.example (at 10.0.0.2); its names are: a.example.'],
  [
    'a URI',
    { uri: 'urn:x' },
    { names: [], commonName: 'node' },
    'urn:x (at 10.0.0.2); its names are: none (only the subject CN=node).',
  ],
  [
    'a trust domain',
    { uriPrefix: 'spiffe://a/' },
    { names: ['a.example'] },
    'spiffe://a/… (at 10.0.0.2); its names are: a.example.',
  ],
  [
    'an address that is only the common name, which counts for no address',
    'address',
    { names: [], commonName: '10.0.0.2' },
    '10.0.0.2; its names are: none (only the subject CN=10.0.0.2).',
  ],
])(
  'the error for %s says what was expected, from which server, and what the certificate has',
  async (...row) => {
    const [, hostname, options, expected] = row
    const error = await check(hostname, '10.0.0.2', options)
    // What to do follows at once.
    expect(error?.message).toContain(`The server's certificate is not for ${expected} Issue the certificate`)
  },
)

test('only a name is sent as SNI', () => {
  expect(servernameOf(nameRuleOf('db.example.', false))).toBe('db.example')
  for (const hostname of ['10.0.0.1', '::1', false, { '10.0.0.1': 'a' }] as const) {
    expect(servernameOf(nameRuleOf(hostname, false))).toBeUndefined()
  }
})

test('all profiles that verify a name have the option', () => {
  const identity = { ca: ca.cert, cert: ca.cert, key: ca.key, hostname: 'db.example', acceptCommonName: true }
  expect(
    mutual(identity)
      .explain()
      .givesUp.map(({ code }) => code),
  ).toContain('COMMON_NAME_ACCEPTED')
  const { secureContext } = verifyServer({ ca: ca.cert })
  const { hostname, acceptCommonName } = identity
  const given = fromSecureContext(secureContext, { hostname, acceptCommonName })
  expect(given.explain().givesUp.map(({ code }) => code)).toEqual(['COMMON_NAME_ACCEPTED'])
})

test('a certificate that cannot be read is a returned error, not an exception', () => {
  const { checkServerIdentity } = verifyServer({ ca: ca.cert })
  for (const peer of [{}, { raw: Buffer.from([0x30]) }, { raw: 'x' }, { raw: null }]) {
    expect(checkServerIdentity?.('10.0.0.1', peer as unknown as PeerCertificate)).toMatchObject({
      code: 'HANDSHAKE_FAILED',
    })
  }
})

test('names with commas and quotes are read in the form in which Node.js prints them', () => {
  expect(namesOf('DNS:"a, DNS:evil.example", URI:spiffe://x/y, IP Address:::1')).toEqual([
    'a, DNS:evil.example',
    'spiffe://x/y',
    '::1',
  ])
  expect(namesOf(undefined)).toEqual([])
})

test('a text inside a name does not count as a name', () => {
  expect(namesOf('DirName:"CN=a, URI:spiffe://x/y", DNS:b, othername:<unsupported>')).toEqual(['b'])
  expect(alternativeNames('DNS:a, URI:"spiffe://x')).toEqual([])
  expect(alternativeNames('DNS:a\nURI:x, b')).toEqual([])
})

test('addresses have one canonical form', () => {
  expect(canonicalAddress('0:0:0:0:0:0:0:1')).toBe('::1')
  expect(canonicalAddress('10.0.0.1')).toBe('10.0.0.1')
  expect(canonicalAddress('FE80::1%eth0')).toBe('fe80::1')
  expect(endpointKey('2001:DB8:0::1', 9042)).toBe('2001:db8::1:9042')
})

test('an endpoint is the address and the port that a socket has reached; one that is closed has reached none', () => {
  const reached = (remoteAddress?: string, remotePort?: number) =>
    endpointReached({ remoteAddress, remotePort } as Socket)
  expect(reached('2001:DB8:0::1', 9042)).toBe(endpointKey('2001:db8::1', '9042'))
  expect(reached()).toBe(':0')
})
