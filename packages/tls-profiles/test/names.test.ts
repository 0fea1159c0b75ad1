import type { PeerCertificate } from 'node:tls'
import { namesOf } from '../src/certificate.js'
import { canonicalAddress, checkedName } from '../src/lib/identity/host-name.js'
import { type Hostname, nameCheck, nameRuleOf, servernameOf } from '../src/lib/identity/names.js'
import { thrown } from './support/thrown.js'

function verdict(hostname: Hostname | undefined, host: string, subjectaltname: string): string {
  const peer = { subjectaltname, subject: { CN: 'node' }, issuer: {}, valid_from: '', valid_to: '' }
  return nameCheck(nameRuleOf(hostname))(host, peer as unknown as PeerCertificate)?.code ?? 'ok'
}

test.each<[string, Hostname | undefined, string, string, string]>([
  ['IPv4', undefined, '10.0.0.1', 'IP Address:10.0.0.1', 'ok'],
  ['another IPv4', undefined, '10.0.0.1', 'IP Address:10.0.0.2', 'NAME_MISMATCH'],
  ['an address as DNS name does not count', undefined, '10.0.0.1', 'DNS:10.0.0.1', 'NAME_MISMATCH'],
  ['IPv6 in another spelling', undefined, '2001:db8::1', 'IP Address:2001:DB8:0:0:0:0:0:1', 'ok'],
  ['IPv6 with a zone', undefined, 'fe80::1%eth0', 'IP Address:FE80:0:0:0:0:0:0:1', 'ok'],
  ['another IPv6', undefined, '2001:db8::1', 'IP Address:2001:DB8:0:0:0:0:0:2', 'NAME_MISMATCH'],
  ['a fixed IPv6 address', '2001:DB8::1', '10.0.0.1', 'IP Address:2001:DB8:0:0:0:0:0:1', 'ok'],
  [
    'a map by IPv6 in another spelling',
    { '2001:db8:0::1': 'a.example' },
    '2001:DB8::1',
    'DNS:a.example',
    'ok',
  ],
  ['a wildcard', 'a.nodes.example', '10.0.0.1', 'DNS:*.nodes.example', 'ok'],
  ['a wildcard is one label', 'a.b.nodes.example', '10.0.0.1', 'DNS:*.nodes.example', 'NAME_MISMATCH'],
  ['a wildcard is not the domain', 'nodes.example', '10.0.0.1', 'DNS:*.nodes.example', 'NAME_MISMATCH'],
  ['letters of any case', 'DB.Example', '10.0.0.1', 'DNS:db.EXAMPLE', 'ok'],
  ['an international name', 'bücher.example', '10.0.0.1', 'DNS:xn--bcher-kva.example', 'ok'],
  ['the common name counts where no name is', 'node', '10.0.0.1', '', 'ok'],
  ['and only there', 'node', '10.0.0.1', 'DNS:other', 'NAME_MISMATCH'],
  ['a map without the address', { '10.0.0.2': 'a.example' }, '10.0.0.1', 'DNS:a.example', 'NAME_UNKNOWN'],
  [
    'a function of the address',
    (address) => `n${address.at(-1)}.example`,
    '10.0.0.7',
    'DNS:n7.example',
    'ok',
  ],
  ['a function that returns nothing', () => undefined as never, '10.0.0.7', 'DNS:a.example', 'NAME_UNKNOWN'],
  [
    'a function that returns a promise',
    (() => Promise.resolve('a')) as never,
    '10.0.0.7',
    'DNS:a',
    'OPTION_INVALID',
  ],
  ['a function that returns a wildcard', () => '*.example', '10.0.0.7', 'DNS:a.example', 'OPTION_INVALID'],
  ['no name at all', false, '10.0.0.1', 'DNS:whatever', 'ok'],
])('%s', (_, hostname, host, names, expected) => {
  expect(verdict(hostname, host, names)).toBe(expected)
})

test('says which names the certificate has', () => {
  const peer = { subjectaltname: 'DNS:a.example, IP Address:10.0.0.1', subject: { CN: 'node' }, issuer: {} }
  const error = nameCheck(nameRuleOf('b.example'))('10.0.0.2', peer as unknown as PeerCertificate)
  expect(error?.certificate?.names).toEqual(['a.example', '10.0.0.1'])
  expect(error?.message).toContain('b.example (at 10.0.0.2)')
})

test('only a name is sent as SNI', () => {
  expect(servernameOf(nameRuleOf('db.example'))).toBe('db.example')
  for (const hostname of ['10.0.0.1', '::1', false, { '10.0.0.1': 'a' }] as const) {
    expect(servernameOf(nameRuleOf(hostname))).toBeUndefined()
  }
})

test('names with commas and quotes are read as Node prints them', () => {
  expect(namesOf('DNS:"a, DNS:evil.example", URI:spiffe://x/y, IP Address:::1')).toEqual([
    'a, DNS:evil.example',
    'spiffe://x/y',
    '::1',
  ])
  expect(namesOf(undefined)).toEqual([])
})

test.each(['', 'a b', 'https://db.example', 'db.example:9042', 'db..example', '*.example'])(
  '%j is no name',
  (name) => {
    expect(thrown(() => checkedName(name, 'it')).code).toBe('OPTION_INVALID')
  },
)

test('addresses have one spelling', () => {
  expect(canonicalAddress('0:0:0:0:0:0:0:1')).toBe('::1')
  expect(canonicalAddress('10.0.0.1')).toBe('10.0.0.1')
})
