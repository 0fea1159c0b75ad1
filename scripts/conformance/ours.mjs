/** Our own built providers, for the table that compares them with others. */
import { createRequire } from 'node:module'
import { passwordAccount, passwordServer, plainLogin, sigV4Account, sigV4Server } from './sides.mjs'

const require = createRequire(import.meta.url)
const { PlainTextAuthProvider } = require('../../packages/auth-plaintext/dist/index.js')
const { SigV4AuthProvider } = require('../../packages/auth-sigv4/dist/index.js')

export const plainText = {
  kind: 'provider',
  name: '@x/auth-plaintext',
  traits: {
    credentials: 'source',
    messages: 1,
    cleartext: true,
    protocolV1: true,
    authenticators: true,
    expiry: true,
  },
  account: passwordAccount,
  server: passwordServer,
  vectors: [plainLogin],
  create: (options) => new PlainTextAuthProvider(options),
}

export const sigV4 = {
  kind: 'provider',
  name: '@x/auth-sigv4',
  traits: { credentials: 'shared', messages: 2, cleartext: false, authenticators: true, expiry: true },
  account: sigV4Account,
  server: sigV4Server,
  create: (options) => new SigV4AuthProvider({ region: 'eu-central-1', ...options }),
}
