/** The providers that come with the driver. */
import driver from 'cassandra-driver'
import { dseLogin, dseServer, passwordAccount, passwordServer, plainLogin } from './sides.mjs'

const { PlainTextAuthProvider, DsePlainTextAuthProvider } = driver.auth

export const plainText = {
  kind: 'provider',
  name: 'PlainTextAuthProvider',
  traits: { credentials: 'value', messages: 1, cleartext: true, protocolV1: true },
  account: passwordAccount,
  server: passwordServer,
  vectors: [plainLogin],
  create: ({ credentials }) => new PlainTextAuthProvider(credentials.username, credentials.password),
}

export const dsePlainText = {
  kind: 'provider',
  name: 'DsePlainTextAuthProvider',
  traits: { credentials: 'value', messages: 2, cleartext: true },
  account: passwordAccount,
  server: dseServer,
  vectors: [dseLogin],
  create: ({ credentials }) => new DsePlainTextAuthProvider(credentials.username, credentials.password),
}
