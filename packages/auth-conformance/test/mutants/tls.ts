import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { readFileSync, type Stats, statSync } from 'node:fs'
import {
  checkServerIdentity,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls'
import { inspect } from 'node:util'
import type { Client } from 'cassandra-driver'
import { suiteCertificates } from '../../src/tls/certificates.js'
import type { GivenMaterial, GivenStore, TlsScenario, TlsSubject } from '../../src/tls/subject.js'
import type { Mutant } from './mutant.js'

const record = Symbol.for('@x/tls:profile')
const traits = { chain: true, name: true, clientCertificate: true }
const said = { verifies: { chain: true, name: true }, sendsClientCertificate: true, maxVersion: 'TLSv1.3' }

/** Options that keep every promise of the suite. */
function reference({ ca, clientCertificate }: TlsScenario, changes: SecureContextOptions = {}) {
  const own = clientCertificate && { ...clientCertificate, cert: validFirst(clientCertificate) }
  const secureContext = createSecureContext({ ca, minVersion: 'TLSv1.2', ...own, ...changes })
  return { secureContext, rejectUnauthorized: true, checkServerIdentity, [record]: said }
}

/** If there are several certificates for the key, only the valid one, and then those above it. */
function validFirst({ cert, key }: NonNullable<TlsScenario['clientCertificate']>): string {
  const own = (pem: string) => new X509Certificate(pem).checkPrivateKey(createPrivateKey(key))
  const isValid = (pem: string) => Date.parse(new X509Certificate(pem).validTo) > Date.now()
  const all = cert.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? []
  return [...all.filter((pem) => own(pem) && isValid(pem)), ...all.filter((pem) => !own(pem))].join('')
}

const contexts = new WeakMap<object, { current: SecureContext; make: () => SecureContext }>()

/** Options from files, which are read again when `reload` is called. `choose` finds the key of the certificate. */
function loaded(given: GivenMaterial, read: (file: string) => string = regularFile, choose = keyOf) {
  const contents = (text: string) => (text.includes('-----BEGIN') ? text : read(text))
  const own = ({ cert, key }: GivenMaterial) => {
    if (!cert || !key) return {}
    const passphrase = given.passphrase && read(given.passphrase.path)
    const certificates = contents(cert)
    return { cert: certificates, ...choose(certificates, contents(key), passphrase) }
  }
  const make = () => createSecureContext({ minVersion: 'TLSv1.2', ca: contents(given.ca), ...own(given) })
  const state = { current: make(), make }
  const options = Object.defineProperty({ rejectUnauthorized: true, checkServerIdentity }, 'secureContext', {
    enumerable: true,
    get: () => state.current,
  })
  contexts.set(options, state)
  return options
}

/** Options from a store that OpenSSL opens. */
function ofStore({ ca, pfx, passphrase }: GivenStore) {
  const secureContext = createSecureContext({ minVersion: 'TLSv1.2', ca, pfx: readFileSync(pfx), passphrase })
  return { secureContext, rejectUnauthorized: true, checkServerIdentity }
}

interface OwnKey {
  readonly key: string
  readonly passphrase?: string
}

function keyOf(cert: string, keys: string, passphrase?: string): OwnKey {
  const pems = keys.match(/-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----\n/g) ?? []
  const isRight = (key: string) =>
    new X509Certificate(cert).checkPrivateKey(createPrivateKey({ key, passphrase }))
  return firstKey(cert, pems.find(isRight) ?? keys, passphrase)
}

function firstKey(_cert: string, key: string, passphrase?: string): OwnKey {
  return { key, ...(passphrase !== undefined && { passphrase }) }
}

function regularFile(file: string): string {
  const stats = statsOf(file)
  if (!stats?.isFile() || stats.size > 1 << 20) throw new Error('neither PEM nor a file')
  return readFileSync(file, 'utf8')
}

/** Undefined for a text that is not a path: the error of Node.js would quote it. */
function statsOf(file: string): Stats | undefined {
  try {
    return statSync(file)
  } catch {
    return undefined
  }
}

function reload(options: object): void {
  const state = contexts.get(options)
  if (state) state.current = state.make()
}

/** Options for a server of one name. `used` and `sent` decide which name is compared and which is sent. */
function expectName(scenario: TlsScenario, given: string, used = nameOf, sent = nameOf) {
  const name = used(given)
  return {
    ...reference(scenario),
    servername: sent(given),
    checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(name, certificate),
  }
}

function nameOf(given: string): string {
  if (!/^[\w.-]+$/.test(given)) throw new Error('not a name')
  return given.replace(/\.$/, '')
}

/** Options for a server of one URI. `isRight` decides whether another URI is accepted. */
function expectUri(scenario: TlsScenario, uri: string, isRight = (found: string) => found === uri) {
  const refused = new Error('another server')
  return {
    ...reference(scenario),
    checkServerIdentity: (_: string, { subjectaltname = '' }: PeerCertificate) =>
      subjectaltname.startsWith('URI:') && isRight(subjectaltname.slice('URI:'.length)) ? undefined : refused,
  }
}

function subject(name: string, create: TlsSubject['create'], changes: Partial<TlsSubject> = {}): TlsSubject {
  const close = () => undefined
  const own = { load: loaded, loadStore: ofStore, reload }
  return { kind: 'tls', name, traits, create, close, expectName, expectUri, ...own, ...changes }
}

function mutant(
  breaks: string,
  flaw: string,
  create: TlsSubject['create'],
  changes: Partial<TlsSubject> = {},
): Mutant {
  return { breaks, subject: subject(`${breaks}: ${flaw}`, create, changes) }
}

/** The server that a Client is about to connect to, from its log. */
let announced: string | undefined
const watchLog = (_options: object, client: Client) =>
  void client.on('log', (_level, _class, message) => {
    if (!message.startsWith('Connecting to ')) return
    announced = message
    queueMicrotask(() => {
      announced = undefined
    })
  })

/**
 * Options that resume the session of the last connection. `kept` gives the key under which it is stored. Sessions are
 * not shown, so that only their use is wrong.
 */
function resuming<T extends object>(options: T, kept: () => unknown): T {
  const sessions = new Map<unknown, Buffer>()
  const born = new WeakMap<Uint8Array, unknown>()
  const hidden = Object.fromEntries(
    [inspect.custom, Symbol.toPrimitive, 'toJSON'].map((name) => [name, { value: () => 'a session' }]),
  )
  const onread = {
    buffer() {
      const place = Buffer.allocUnsafeSlow(65_536)
      born.set(place, kept())
      return place
    },
    callback(this: TLSSocket, bytes: number, place: Uint8Array) {
      const session = this.getSession()
      const key = born.get(place)
      if (session && key !== undefined) sessions.set(key, session)
      return this.push(Buffer.from(place.subarray(0, bytes)))
    },
  }
  const session = () => {
    const found = sessions.get(kept())
    return found && Object.defineProperties(Buffer.from(found), hidden)
  }
  return Object.defineProperties(options, {
    onread: { value: onread, enumerable: true },
    session: { get: session, enumerable: true },
  })
}

const closed = new WeakSet<object>()
const timers = new WeakMap<object, NodeJS.Timeout>()

export const tlsMutants: readonly Mutant[] = [
  mutant('TLS-01', 'lets its first connection through and no other', (scenario) => {
    let connections = 0
    const refused = new Error('one connection must do')
    return {
      ...reference(scenario),
      checkServerIdentity: (host: string, certificate: PeerCertificate) =>
        ++connections > 1 ? refused : checkServerIdentity(host, certificate),
    }
  }),
  mutant('TLS-02', 'trusts an authority that nobody asked it to', async (scenario) => {
    const { stranger } = await suiteCertificates()
    return reference(scenario, { ca: [scenario.ca, stranger.certPem] })
  }),
  mutant('TLS-03', 'does not look at names', (scenario) => ({
    ...reference(scenario),
    checkServerIdentity: () => undefined,
  })),
  mutant('TLS-04', 'speaks TLS 1.0 to anyone who wants it', (scenario) =>
    reference(scenario, { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }),
  ),
  mutant('TLS-05', 'keeps its certificate to itself', ({ ca, server }) => reference({ ca, server })),
  mutant('TLS-06', 'trusts a certificate that nobody signed', async (scenario) => {
    const { servers } = await suiteCertificates()
    return reference(scenario, { ca: [scenario.ca, servers.selfSigned.certPem] })
  }),
  mutant('TLS-07', 'speaks TLS 1.3 and nothing else', (scenario) =>
    reference(scenario, { minVersion: 'TLSv1.3' }),
  ),
  mutant('TLS-08', 'takes a common name for a name', (scenario) => ({
    ...reference(scenario),
    checkServerIdentity: (host: string, certificate: PeerCertificate) =>
      [certificate.subject?.CN].flat().includes(scenario.server.name)
        ? undefined
        : checkServerIdentity(host, certificate),
  })),
  mutant('TLS-09', 'trusts only those whose key may sign certificates', (scenario) => {
    const ca = new X509Certificate(scenario.ca)
    if (!ca.checkIssued(ca)) throw new Error('there is no root')
    return reference(scenario)
  }),
  mutant('TLS-10', 'makes a context for each connection', (scenario) =>
    Object.defineProperty(reference(scenario), 'secureContext', {
      enumerable: true,
      get: () => reference(scenario).secureContext,
    }),
  ),
  mutant('TLS-11', 'keeps the key beside its context', (scenario) => ({
    ...reference(scenario),
    key: Buffer.from(scenario.clientCertificate?.key ?? ''),
  })),
  mutant('TLS-11', 'shows its key when it is inspected', (scenario) =>
    Object.defineProperty(reference(scenario), inspect.custom, {
      value: () => scenario.clientCertificate?.key,
    }),
  ),
  mutant('TLS-12', 'tells in an error what it was made with', (scenario) => ({
    ...reference(scenario),
    checkServerIdentity: (host: string, certificate: PeerCertificate) => {
      const error = checkServerIdentity(host, certificate)
      return error && new Error(`refused by ${JSON.stringify(scenario)}`, { cause: error })
    },
  })),
  mutant('TLS-13', 'writes to the console what it is made with', (scenario) => {
    console.debug(scenario)
    return reference(scenario)
  }),
  mutant(
    'TLS-14',
    'looks at its files by a timer that keeps the process alive',
    (scenario) => {
      const options = reference(scenario)
      timers.set(
        options,
        setInterval(() => undefined, 60_000),
      )
      return options
    },
    { close: (options) => clearInterval(timers.get(options)) },
  ),
  mutant('TLS-15', 'holds a session as any other bytes', (scenario) => ({
    ...reference(scenario),
    // A session that cannot be resumed, in the format of OpenSSL, and further bytes.
    session: Buffer.concat([Buffer.from('300f020101020203030402130104000400', 'hex'), randomBytes(512)]),
  })),
  mutant('TLS-16', 'reads a name as a URL is read', (scenario) => reference(scenario), {
    expectName: (scenario, given) => {
      const cut = (text: string) => new URL(`https://${text}`).hostname.replace(/\.$/, '')
      return expectName(scenario, given, cut, cut)
    },
  }),
  mutant('TLS-16', 'uses the letters of a name that it knows', (scenario) => reference(scenario), {
    expectName: (scenario, given) => {
      const known = (text: string) => (/[\w.-]+/.exec(text)?.[0] ?? '').replace(/\.$/, '')
      return expectName(scenario, given, known, known)
    },
  }),
  mutant('TLS-17', 'asks for a name with the dot at its end', (scenario) => reference(scenario), {
    expectName: (scenario, given) =>
      expectName(scenario, given, nameOf, (text) => (text.endsWith('.') ? text : nameOf(text))),
  }),
  mutant('TLS-17', 'takes a dot at the end for a part of the name', (scenario) => reference(scenario), {
    expectName: (scenario, given) => {
      if (given.endsWith('.')) throw new Error('not a name')
      return expectName(scenario, given)
    },
  }),
  mutant('TLS-18', 'compares the beginning of a URI as text', (scenario) => reference(scenario), {
    expectUri: (scenario, uri) => expectUri(scenario, uri, (found) => found.startsWith(uri)),
  }),
  mutant('TLS-18', 'looks for the trust domain as text', (scenario) => reference(scenario), {
    expectUri: (scenario, uri) => {
      const { host, protocol } = new URL(uri)
      return expectUri(scenario, uri, (found) => found.startsWith(`${protocol}//${host}`))
    },
  }),
  mutant('TLS-18', 'looks at no name where it has a URI', (scenario) => reference(scenario), {
    expectUri: (scenario) => ({ ...reference(scenario), checkServerIdentity: () => undefined }),
  }),
  mutant('TLS-20', 'verifies until it has been read once', (scenario) => {
    let reads = 0
    return Object.defineProperty(reference(scenario), 'rejectUnauthorized', {
      enumerable: true,
      get: () => ++reads === 1,
    })
  }),
  mutant('TLS-21', 'does not look at names once its record was read', (scenario) => {
    let copied = false
    const options = {
      ...reference(scenario),
      checkServerIdentity: (host: string, certificate: PeerCertificate) =>
        copied ? undefined : checkServerIdentity(host, certificate),
    }
    return Object.defineProperty(options, record, {
      enumerable: true,
      get: () => {
        copied = true
        return said
      },
    })
  }),
  mutant(
    'TLS-22',
    'verifies nothing once it is closed',
    (scenario) => {
      const options = reference(scenario)
      return Object.defineProperty(options, 'rejectUnauthorized', {
        enumerable: true,
        get: () => !closed.has(options),
      })
    },
    { close: (options) => void closed.add(options) },
  ),
  mutant('TLS-30', 'sends its certificate and no other', (scenario) => {
    const { cert: given = '', key = '' } = scenario.clientCertificate ?? {}
    const cert = validFirst({ cert: given, key })
    const end = '-----END CERTIFICATE-----\n'
    return reference(scenario, { cert: cert.slice(0, cert.indexOf(end) + end.length), key })
  }),
  mutant(
    'TLS-31',
    'sends a certificate that nobody spoke of',
    async (scenario) => {
      const { chainPem: cert, keyPem: key } = await (await suiteCertificates()).newClient()
      return { ...reference(scenario, { cert, key }), [record]: { ...said, sendsClientCertificate: false } }
    },
    { traits: { ...traits, clientCertificate: false } },
  ),
  mutant('TLS-32', 'asks for an address as if it were a name', (scenario) => ({
    ...reference(scenario),
    servername: scenario.server.address,
  })),
  mutant('TLS-33', 'has an address of its own', (scenario) => ({
    ...reference(scenario),
    host: scenario.server.address,
  })),
  mutant('TLS-34', 'throws at a certificate without names', (scenario) => ({
    ...reference(scenario),
    checkServerIdentity: (host: string, certificate: PeerCertificate) => {
      if (!certificate.subjectaltname) throw new TypeError('no names')
      return checkServerIdentity(host, certificate)
    },
  })),
  mutant('TLS-35', 'asks each certificate for its subject', (scenario) => {
    const { subject: name = '' } = new X509Certificate(scenario.clientCertificate?.cert ?? scenario.ca)
    if (!name.includes('CN=')) throw new TypeError('no common name')
    return reference(scenario)
  }),
  mutant('TLS-36', 'sends the first certificate that it was given', (scenario) =>
    reference(scenario, { cert: scenario.clientCertificate?.cert ?? '' }),
  ),
  mutant('TLS-40', 'says that it looks at no names', (scenario) => ({
    ...reference(scenario),
    [record]: { ...said, verifies: { chain: true, name: false } },
  })),
  mutant('TLS-40', 'says that TLS 1.2 is its newest version', (scenario) => ({
    ...reference(scenario),
    [record]: { ...said, maxVersion: 'TLSv1.2' },
  })),
  mutant('TLS-41', 'loses its record in a copy', (scenario) =>
    Object.defineProperty(reference(scenario), record, { enumerable: false }),
  ),
  mutant(
    'TLS-50',
    'takes a key for a path and says that there is no such file',
    (scenario) => reference(scenario),
    {
      load: (given) =>
        loaded(given, (file) => {
          if (statsOf(file)) return regularFile(file)
          throw new Error(`ENOENT: no such file, open '${file}'`)
        }),
    },
  ),
  mutant('TLS-51', 'waits for anyone who writes into a FIFO', (scenario) => reference(scenario), {
    load: (given) =>
      loaded(given, (file) => (statsOf(file)?.isFIFO() ? readFileSync(file, 'utf8') : regularFile(file))),
  }),
  mutant('TLS-52', 'reads files of any size', (scenario) => reference(scenario), {
    load: (given) =>
      loaded(given, (file) => (statsOf(file)?.isFile() ? readFileSync(file, 'utf8') : regularFile(file))),
  }),
  mutant('TLS-53', 'asks for the passphrase once', (scenario) => reference(scenario), {
    load: (given) => {
      const asked = given.passphrase && regularFile(given.passphrase.path)
      return loaded(given, (file) => (file === given.passphrase?.path ? String(asked) : regularFile(file)))
    },
  }),
  mutant('TLS-54', 'uses the first key of a file', (scenario) => reference(scenario), {
    load: (given) => loaded(given, regularFile, firstKey),
  }),
  mutant('TLS-54', 'sends no certificate where no key fits', (scenario) => reference(scenario), {
    load: (given) => {
      try {
        return loaded(given)
      } catch (error) {
        if (/key values mismatch/.test(String(error))) return loaded({ ca: given.ca })
        throw error
      }
    },
  }),
  mutant('TLS-55', 'reads a file again when its size or time is another', (scenario) => reference(scenario), {
    load: (given) => {
      const known = new Map<string, string>()
      return loaded(given, (file) => {
        const stats = statsOf(file)
        const state = `${file} ${stats?.size} ${stats?.mtimeMs}`
        const contents = known.get(state) ?? regularFile(file)
        known.set(state, contents)
        return contents
      })
    },
  }),
  mutant('TLS-56', 'takes the bytes of a passphrase for letters', (scenario) => reference(scenario), {
    loadStore: ({ passphrase, ...given }) =>
      ofStore({ ...given, passphrase: passphrase && Buffer.from(passphrase).toString('latin1') }),
  }),
  mutant('TLS-56', 'takes an empty passphrase for none at all', (scenario) => reference(scenario), {
    loadStore: (given) => {
      if (!given.passphrase) throw new Error('a store needs a passphrase')
      return ofStore(given)
    },
  }),
  mutant('TLS-57', 'tells which passphrase does not open a store', (scenario) => reference(scenario), {
    loadStore: (given) => {
      try {
        return ofStore(given)
      } catch {
        throw new Error(`${given.passphrase} does not open it`)
      }
    },
  }),
  mutant('TLS-57', 'goes without a store that it cannot open', (scenario) => reference(scenario), {
    loadStore: (given) => {
      try {
        return ofStore(given)
      } catch {
        return loaded({ ca: given.ca })
      }
    },
  }),
  mutant('TLS-60', 'offers the session of one server to all', (scenario) =>
    resuming(reference(scenario), () => 'the last'),
  ),
  mutant(
    'TLS-61',
    'keeps its sessions when its material has changed',
    (scenario) => resuming(reference(scenario), () => announced),
    { meet: watchLog, load: (given) => resuming(loaded(given), () => announced) },
  ),
  mutant(
    'TLS-62',
    'takes a server that does not know its session for another one',
    (scenario) => {
      const known = new Set<unknown>()
      const options = resuming(reference(scenario), () => announced)
      const forgotten = new Error('this server should know us')
      return Object.defineProperty(options, 'checkServerIdentity', {
        enumerable: true,
        get() {
          const again = announced !== undefined && known.has(announced)
          if (announced !== undefined) known.add(announced)
          return (host: string, certificate: PeerCertificate) =>
            checkServerIdentity(host, certificate) ?? (again ? forgotten : undefined)
        },
      })
    },
    { meet: watchLog },
  ),
]

const unverified = { chain: false, name: false, clientCertificate: false }

export const tlsReferences = [
  subject('the reference TLS options', (scenario) => reference(scenario)),
  subject('the reference TLS options, without a record', (scenario) => {
    const { [record]: _, ...options } = reference(scenario)
    return options
  }),
  subject(
    'TLS options that verify nothing, and say so',
    () => ({ secureContext: createSecureContext(), rejectUnauthorized: false }),
    {
      traits: unverified,
    },
  ),
]
