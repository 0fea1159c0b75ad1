/** Runs the suite on every profile of @x/tls-profiles. Each promises something else, as its traits say. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import {
  cosmos,
  fromLegacyOptions,
  fromSecureContext,
  keyspaces,
  mutual,
  spkiPin,
  type TlsProfile,
  verifyClient,
  verifyServer,
} from '@x/tls-profiles'
import { unverified } from '@x/tls-profiles/danger'
import { profiles } from '../../tls-profiles/src/registry.js'
import { tlsSuite } from '../src/suites.js'
import type { TlsScenario, TlsSubject, TlsTraits } from '../src/tls/subject.js'

const nothing: TlsTraits = { chain: false, name: false, clientCertificate: false }
const chain: TlsTraits = { ...nothing, chain: true }
const server: TlsTraits = { ...chain, name: true }
const client: TlsTraits = { ...nothing, clientCertificate: true }
const both: TlsTraits = { ...server, clientCertificate: true }

type Row = readonly [name: string, traits: TlsTraits, create: (scenario: TlsScenario) => TlsProfile]

const rows: Readonly<Record<string, readonly Row[]>> = {
  unverified: [['unverified()', nothing, () => unverified()]],
  verifyServer: [
    ['verifyServer({ ca })', server, ({ ca }) => verifyServer({ ca })],
    ['verifyServer, of files', server, (scenario) => verifyServer({ ca: inFiles(scenario).ca })],
    ['verifyServer, one name', server, ({ ca, server: { name } }) => verifyServer({ ca, hostname: name })],
    [
      'verifyServer, a map of names',
      server,
      ({ ca, server: { address, name } }) => verifyServer({ ca, hostname: { [address]: name } }),
    ],
    [
      'verifyServer, a function of the address',
      server,
      ({ ca, server: { name } }) => verifyServer({ ca, hostname: () => name }),
    ],
    ['verifyServer, any name', chain, ({ ca }) => verifyServer({ ca, hostname: false })],
    ['verifyServer with a pin', server, ({ ca }) => verifyServer({ ca, pins: [spkiPin(ca)] })],
    ['verifyServer with resumption', server, ({ ca }) => verifyServer({ ca, resumption: true })],
    [
      'verifyServer with resumption, one name',
      server,
      ({ ca, server: { name: hostname } }) => verifyServer({ ca, hostname, resumption: { scope: 'name' } }),
    ],
    ['verifyServer with the public CAs', server, ({ ca }) => verifyServer({ ca, systemRoots: true })],
  ],
  verifyClient: [
    ['verifyClient({ cert, key })', client, ({ clientCertificate }) => verifyClient(own(clientCertificate))],
  ],
  mutual: [
    [
      'mutual({ ca, cert, key })',
      both,
      ({ ca, clientCertificate }) => mutual({ ca, ...own(clientCertificate) }),
    ],
    ['mutual, of files', both, (scenario) => mutual(inFiles(scenario))],
    [
      'mutual with resumption',
      both,
      ({ ca, clientCertificate }) => mutual({ ca, ...own(clientCertificate), resumption: true }),
    ],
    [
      'mutual with TLS 1.3',
      both,
      ({ ca, clientCertificate }) => mutual({ ca, ...own(clientCertificate), maxVersion: 'TLSv1.3' }),
    ],
  ],
  fromSecureContext: [
    [
      'fromSecureContext(context)',
      server,
      ({ ca }) => fromSecureContext(createSecureContext({ ca }), { sendsClientCertificate: false }),
    ],
    [
      'fromSecureContext(context) with a certificate',
      both,
      // The content of a context is up to its author: here it comes from another profile.
      ({ ca, clientCertificate }) =>
        fromSecureContext(mutual({ ca, ...own(clientCertificate) }).secureContext),
    ],
  ],
  fromLegacyOptions: [
    ["fromLegacyOptions, 'required'", server, ({ ca }) => fromLegacyOptions({ caCerts: ca })],
    [
      'fromLegacyOptions, a name',
      server,
      ({ ca, server: { name } }) => fromLegacyOptions({ caCerts: ca, serverHostname: name }),
    ],
    [
      'fromLegacyOptions, any name',
      chain,
      ({ ca }) => fromLegacyOptions({ caCerts: ca, checkHostname: false }),
    ],
    ["fromLegacyOptions, 'none'", nothing, () => fromLegacyOptions({ certReqs: 'none' })],
    [
      'fromLegacyOptions with a certificate',
      both,
      ({ ca, clientCertificate }) => {
        const { cert: certfile, key: keyfile } = own(clientCertificate)
        return fromLegacyOptions({ caCerts: ca, certfile, keyfile })
      },
    ],
  ],
  keyspaces: [
    ['keyspaces({ endpoint })', server, ({ ca, server: { name } }) => keyspaces({ endpoint: name, ca })],
  ],
  cosmos: [['cosmos({ host })', server, ({ ca, server: { name } }) => cosmos({ host: name, ca })]],
}

const reload = (options: object) => (options as TlsProfile).reload()

/** One row of each kind takes material from a user. */
const loaders: Readonly<Record<string, Pick<TlsSubject, 'load' | 'loadStore' | 'reload'>>> = {
  'verifyServer with resumption': { load: ({ ca }) => verifyServer({ ca, resumption: true }), reload },
  'mutual with resumption': {
    load: ({ ca, cert = '', key = '', passphrase }) =>
      mutual({ ca, cert, key, passphrase, resumption: true }),
    reload,
  },
  'verifyServer({ ca })': { load: ({ ca }) => verifyServer({ ca }) },
  'verifyServer, of files': { load: ({ ca }) => verifyServer({ ca, systemRoots: true }) },
  'mutual({ ca, cert, key })': {
    load: ({ ca, cert = '', key = '', passphrase }) => mutual({ ca, cert, key, passphrase }),
    loadStore: mutual,
    reload,
  },
  // It has no passphrase, so TLS-53 does not apply.
  'fromLegacyOptions with a certificate': {
    load: ({ ca, cert, key }) => fromLegacyOptions({ caCerts: ca, certfile: cert, keyfile: key }),
  },
}

/** Rows that get the server's name, in each possible way, and its URI. */
const expecters: Readonly<Record<string, Pick<TlsSubject, 'expectName' | 'expectUri'>>> = {
  'verifyServer, one name': {
    expectName: ({ ca }, hostname) => verifyServer({ ca, hostname }),
    expectUri: ({ ca }, uri) => verifyServer({ ca, hostname: { uri } }),
  },
  'verifyServer, a map of names': {
    expectName: ({ ca, server: { address } }, name) => verifyServer({ ca, hostname: { [address]: name } }),
  },
  'verifyServer, a function of the address': {
    expectName: ({ ca }, name) => verifyServer({ ca, hostname: () => name }),
  },
  'mutual({ ca, cert, key })': {
    expectName: ({ ca, clientCertificate }, hostname) => mutual({ ca, ...own(clientCertificate), hostname }),
    expectUri: ({ ca, clientCertificate }, uri) =>
      mutual({ ca, ...own(clientCertificate), hostname: { uri } }),
  },
  'fromSecureContext(context)': {
    expectName: ({ ca }, hostname) =>
      fromSecureContext(createSecureContext({ ca }), { sendsClientCertificate: false, hostname }),
    expectUri: ({ ca }, uri) =>
      fromSecureContext(createSecureContext({ ca }), { sendsClientCertificate: false, hostname: { uri } }),
  },
  'fromLegacyOptions, a name': {
    expectName: ({ ca }, serverHostname) => fromLegacyOptions({ caCerts: ca, serverHostname }),
  },
  'keyspaces({ endpoint })': { expectName: ({ ca }, endpoint) => keyspaces({ endpoint, ca }) },
  'cosmos({ host })': { expectName: ({ ca }, host) => cosmos({ host, ca }) },
}

/** It does not return `sslOptions`, but the driver's own option `cloud`. */
const elsewhere = ['astra']

const folder = mkdtempSync(join(tmpdir(), 'x-auth-tls-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('every profile has a row here', () => {
  expect([...Object.keys(rows), ...elsewhere].sort()).toEqual(Object.keys(profiles).sort())
})

for (const [name, traits, create] of Object.values(rows).flat()) {
  tlsSuite(
    {
      kind: 'tls',
      name,
      traits,
      create,
      close: (options) => (options as TlsProfile).close(),
      meet: (options, client) => {
        if ('session' in options) (options as Partial<TlsProfile>).resumeFor?.(client)
      },
      ...loaders[name],
      ...expecters[name],
    },
    { describe, test },
  )
}

function own(given: TlsScenario['clientCertificate']) {
  if (!given) throw new Error('the traits promise a certificate, and the suite gave none')
  return given
}

/** Files, as most users have them: the profile watches them. */
function inFiles({ ca, clientCertificate }: TlsScenario) {
  const at = mkdtempSync(join(folder, 'material-'))
  const { cert = '', key = '' } = clientCertificate ?? {}
  const paths = { ca: join(at, 'ca.crt'), cert: join(at, 'tls.crt'), key: join(at, 'tls.key') }
  writeFileSync(paths.ca, ca)
  writeFileSync(paths.cert, cert)
  writeFileSync(paths.key, key)
  return paths
}
