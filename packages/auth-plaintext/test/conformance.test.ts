import { type ProviderSubject, providerSuite } from '@x/auth-conformance'
import { dseAuthenticator, passwordAuthenticator } from '@x/auth-testserver'
import { type PasswordCredentials, PlainTextAuthProvider, TransitionalAuthProvider } from '../src/index.js'

const plain: ProviderSubject<PasswordCredentials> = {
  kind: 'provider',
  name: 'PlainTextAuthProvider',
  traits: {
    credentials: 'source',
    messages: 1,
    cleartext: true,
    protocolV1: true,
    authenticators: true,
    expiry: true,
  },
  account(label) {
    const [username, password] = [`user-${label}`, `pass+word/${label}?`]
    return { username, credentials: { username, password }, secrets: [password] }
  },
  server: (accounts) => passwordAuthenticator({ users: usersOf(accounts) }),
  create: (options) => new PlainTextAuthProvider(options),
  vectors: [
    {
      name: 'RFC 4616 §4, first example',
      credentials: { username: 'tim', password: 'tanstaaftanstaaf' },
      messages: [{ from: 'client', hex: hexOf('\0tim\0tanstaaftanstaaf') }],
    },
    {
      name: 'RFC 4616 §4, second example: with an authorization id',
      credentials: { username: 'Kurt', password: 'xipj3plmq', authorizationId: 'Ursel' },
      messages: [{ from: 'client', hex: hexOf('Ursel\0Kurt\0xipj3plmq') }],
    },
  ],
}

const dse: ProviderSubject<PasswordCredentials> = {
  ...plain,
  name: 'PlainTextAuthProvider with DseAuthenticator',
  traits: { ...plain.traits, messages: 2, protocolV1: false },
  server: (accounts) => dseAuthenticator({ users: usersOf(accounts) }),
  vectors: [
    {
      name: 'the negotiation, then PLAIN',
      credentials: { username: 'tim', password: 'tanstaaftanstaaf' },
      messages: [
        { from: 'client', hex: hexOf('PLAIN') },
        { from: 'server', hex: hexOf('PLAIN-START') },
        { from: 'client', hex: hexOf('\0tim\0tanstaaftanstaaf') },
      ],
    },
  ],
}

const transitional: ProviderSubject<undefined> = {
  kind: 'provider',
  name: 'TransitionalAuthProvider',
  traits: { credentials: 'value', messages: 2, cleartext: false, authenticators: true, ownKindOnly: true },
  account: () => ({ username: 'anonymous', credentials: undefined, secrets: [] }),
  server: () => dseAuthenticator({ transitional: 'strict' }),
  create: ({ credentials: _nobody, ...options }) => new TransitionalAuthProvider(options),
  vectors: [
    {
      name: 'as the Python driver, TransitionalModePlainTextAuthenticator',
      credentials: undefined,
      messages: [
        { from: 'client', hex: hexOf('PLAIN') },
        { from: 'server', hex: hexOf('PLAIN-START') },
        { from: 'client', hex: '0000' },
      ],
    },
  ],
}

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex')
}

function usersOf(accounts: readonly { readonly username: string; readonly secrets: readonly string[] }[]) {
  return Object.fromEntries(accounts.map(({ username, secrets }) => [username, secrets[0] ?? '']))
}

providerSuite(plain, { describe, test })
providerSuite(dse, { describe, test })
providerSuite(transitional, { describe, test })
