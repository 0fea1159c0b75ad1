import {
  type Account,
  type MechanismSubject,
  type MechanismVector,
  mechanismSuite,
  type ProviderScenario,
  type ProviderSubject,
  providerSuite,
} from '@x/auth-conformance'
import { authError, type PasswordCredentials } from '@x/auth-core/base'
import {
  anonymousServer,
  cramMd5Server,
  digestMd5Server,
  dseAuthenticator,
  externalServer,
  type MechanismFactory,
  oauthBearerServer,
  passwordAuthenticator,
  plainServer,
  pretendKerberos,
  saslAuthenticator,
  scramServer,
} from '@x/auth-testserver'
import { type BearerCredentials, type GssapiCredentials, registry, SaslAuthProvider } from '../src/index.js'
import { scram as scramOf } from '../src/mechanisms.js'
import { readVectors, type Vector, vectorFiles } from './support/vectors.js'

/** What the suite needs to know of a mechanism beside its record: somebody who can log in, and where. */
interface Surroundings {
  account(label: string): Account
  server(accounts: readonly Account[]): MechanismFactory
  /** Options that the mechanism cannot do without. */
  readonly options?: object
  readonly gssapi?: NonNullable<MechanismSubject['gssapi']>
  /** Whether its logins are bound to their connection. */
  readonly bound?: boolean
}

const withPassword = (
  server: (users: Readonly<Record<string, string>>) => MechanismFactory,
): Surroundings => ({
  account: passwordAccount,
  server: (accounts) => server(usersOf(accounts)),
})

const bound = (mechanism: `SCRAM-SHA-${1 | 256 | 512}-PLUS`): Surroundings => ({
  ...withPassword((users) => scramServer({ mechanism, users })),
  options: { channelBindingType: 'tls-exporter' },
  bound: true,
})

const surroundings: Readonly<Record<string, Surroundings>> = {
  'SCRAM-SHA-512-PLUS': bound('SCRAM-SHA-512-PLUS'),
  'SCRAM-SHA-256-PLUS': bound('SCRAM-SHA-256-PLUS'),
  'SCRAM-SHA-1-PLUS': bound('SCRAM-SHA-1-PLUS'),
  'SCRAM-SHA-512': withPassword((users) => scramServer({ mechanism: 'SCRAM-SHA-512', users })),
  'SCRAM-SHA-256': withPassword((users) => scramServer({ mechanism: 'SCRAM-SHA-256', users })),
  'SCRAM-SHA-1': withPassword((users) => scramServer({ mechanism: 'SCRAM-SHA-1', users })),
  'DIGEST-MD5': withPassword((users) => digestMd5Server({ users })),
  'CRAM-MD5': withPassword((users) => cramMd5Server({ users })),
  PLAIN: withPassword((users) => plainServer({ users })),
  GSSAPI: withKerberos(),
  OAUTHBEARER: { account: bearerAccount, server: bearerServer },
  EXTERNAL: {
    account: (label) => ({ username: label, credentials: { authorizationId: label }, secrets: [] }),
    server: () => externalServer({ identify: () => 'somebody', mayActAs: () => true }),
  },
  ANONYMOUS: {
    account: (label) => ({ username: 'anonymous', credentials: { trace: label }, secrets: [] }),
    server: () => anonymousServer(),
  },
}

/** Nonces of ours have 24 characters, so that only exchanges with such a one can be replayed by the suite. */
const vectors = vectorFiles()
  .flatMap((file) => readVectors(file))
  .filter(({ nonce, proof, options }) => {
    return (nonce?.length ?? 24) === 24 && proof !== 'refused' && Object.keys(options).length === 0
  })

for (const { name, create } of registry) {
  const around = surroundings[name]
  if (!around) throw new Error(`There is no server side for ${name}`)
  const subject: MechanismSubject = {
    kind: 'mechanism',
    name,
    mechanism: create(around.options ?? {}),
    account: around.account,
    server: (accounts) => saslAuthenticator(around.server(accounts)),
    vectors: around.bound ? [] : vectorsOf(name),
    ...(around.bound && { bound: true }),
    ...(around.gssapi && { gssapi: around.gssapi }),
  }
  mechanismSuite(subject, { describe, test })
}

mechanismSuite(
  {
    kind: 'mechanism',
    name: 'SCRAM-SHA-256, of a client that could bind',
    mechanism: scramOf('SCRAM-SHA-256', { channelBinding: 'prefer' }),
    account: passwordAccount,
    server: (accounts) =>
      saslAuthenticator(scramServer({ users: usersOf(accounts), channelBinding: ['tls-exporter'] })),
    couldBind: true,
  },
  { describe, test },
)

const scram: ProviderSubject<PasswordCredentials> = {
  kind: 'provider',
  name: 'SaslAuthProvider with SCRAM-SHA-256',
  traits: { credentials: 'source', messages: 3, cleartext: false, authenticators: true, expiry: true },
  account: passwordAccount,
  server: serverOf('SCRAM-SHA-256'),
  create: (options) => new SaslAuthProvider({ mechanism: 'SCRAM-SHA-256', ...options }),
}

const plain: ProviderSubject<PasswordCredentials> = {
  ...scram,
  name: 'SaslAuthProvider with PLAIN',
  traits: { ...scram.traits, messages: 1, cleartext: true, protocolV1: true },
  // Answers CREDENTIALS of protocol version 1 too, as Cassandra's does.
  server: (accounts) => passwordAuthenticator({ users: usersOf(accounts) }),
  create: (options) => new SaslAuthProvider({ mechanism: 'PLAIN', ...options }),
  ofMechanisms: ([first, ...others]) =>
    new SaslAuthProvider({
      mechanisms: [{ mechanism: first }, ...others.map((mechanism) => ({ mechanism }))],
    }),
  vectors: vectorsOf<PasswordCredentials>('PLAIN'),
}

const bearer: ProviderSubject<BearerCredentials> = {
  kind: 'provider',
  name: 'SaslAuthProvider with OAUTHBEARER',
  traits: { ...scram.traits, messages: 1, cleartext: true },
  account: bearerAccount,
  server: serverOf('OAUTHBEARER'),
  create: (options: ProviderScenario<BearerCredentials>) =>
    new SaslAuthProvider({ mechanism: 'OAUTHBEARER', ...options }),
  vectors: vectorsOf<BearerCredentials>('OAUTHBEARER'),
}

/** The first cannot be used here, so that all that the suite sees is the second, by the negotiation of DSE. */
const list: ProviderSubject<PasswordCredentials> = {
  ...scram,
  name: 'SaslAuthProvider with a list of mechanisms, and DseAuthenticator',
  traits: { ...scram.traits, messages: 2, cleartext: true },
  server: (accounts) => dseAuthenticator({ users: usersOf(accounts) }),
  create: ({ credentials, ...options }) =>
    new SaslAuthProvider({
      mechanisms: [
        { mechanism: 'OAUTHBEARER', token: () => Promise.reject(authError('CREDENTIALS_NOT_CONFIGURED')) },
        { mechanism: 'PLAIN', credentials },
      ],
      ...options,
    }),
}

const realm = pretendKerberos()

const kerberos: ProviderSubject<GssapiCredentials> = {
  kind: 'provider',
  name: 'SaslAuthProvider with GSSAPI',
  traits: { ...scram.traits, messages: 3 },
  account: (label) => ({ username: label, credentials: { principal: label }, secrets: [] }),
  server: (accounts) =>
    saslAuthenticator(realm.server({ principals: accounts.map(({ username }) => username) })),
  create: (options) => new SaslAuthProvider({ mechanism: 'GSSAPI', kerberos: realm.kerberos, ...options }),
}

const kerberosAtDse: ProviderSubject<GssapiCredentials> = {
  ...kerberos,
  name: 'SaslAuthProvider with GSSAPI, and DseAuthenticator',
  traits: { ...kerberos.traits, messages: 4 },
  server: (accounts) =>
    dseAuthenticator({
      mechanisms: { GSSAPI: realm.server({ principals: accounts.map(({ username }) => username) }) },
    }),
}

providerSuite(scram, { describe, test })
providerSuite(list, { describe, test })
providerSuite(kerberosAtDse, { describe, test })
providerSuite(plain, { describe, test })
providerSuite(bearer, { describe, test })
providerSuite(kerberos, { describe, test })

function serverOf(mechanism: string) {
  return (accounts: readonly Account[]) => {
    return saslAuthenticator((surroundings[mechanism] as Surroundings).server(accounts))
  }
}

function withKerberos(): Surroundings {
  const { kerberos, server } = pretendKerberos()
  return {
    account: (label) => ({ username: label, credentials: { principal: label }, secrets: [] }),
    server: (accounts) => server({ principals: accounts.map(({ username }) => username) }),
    options: { kerberos },
    gssapi: (options) => saslAuthenticator(server(options)),
  }
}

function passwordAccount(label: string): Account<PasswordCredentials> {
  const [username, password] = [`user-${label}`, `pass+word/${label}?`]
  return { username, credentials: { username, password }, secrets: [password] }
}

function bearerAccount(label: string): Account<BearerCredentials> {
  const token = `ey.${label}.sig`
  return { username: `user-${label}`, credentials: { token }, secrets: [token] }
}

function bearerServer(accounts: readonly Account[]): MechanismFactory {
  const tokens = Object.fromEntries(accounts.map(({ username, secrets }) => [secrets[0], username]))
  return oauthBearerServer({ tokens })
}

function usersOf(accounts: readonly Account[]): Readonly<Record<string, string>> {
  return Object.fromEntries(accounts.map(({ username, secrets }) => [username, secrets[0] ?? '']))
}

/** The credentials in the files are what the mechanism takes; its own tests see to that. */
function vectorsOf<C>(name: string): readonly (MechanismVector & { readonly credentials: C })[] {
  const own = vectors.filter(({ mechanism }) => mechanism === name).map(replayable)
  return own as (MechanismVector & { readonly credentials: C })[]
}

/** A published exchange, as the suite takes it. */
function replayable({ name, credentials, nonce, exchange, proof }: Vector): MechanismVector {
  const messages = exchange.map(({ from, bytes }) => ({ from, hex: bytes.toString('hex') }))
  const success = proof === 'success' ? messages.pop()?.hex : undefined
  // The client's answer to a proof in a challenge is not written down: it is empty.
  if (proof === 'challenge') messages.push({ from: 'client', hex: '' })
  return {
    name,
    credentials,
    messages,
    ...(success !== undefined && { success }),
    ...(nonce !== undefined && { random: [randomOf(nonce)] }),
  }
}

/** The bytes of which six bits each make the nonce. */
function randomOf(nonce: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  return Buffer.from([...nonce].map((character) => alphabet.indexOf(character))).toString('hex')
}
