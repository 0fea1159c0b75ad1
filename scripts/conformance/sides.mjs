/** Accounts and server sides that several subjects share. */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const {
  dseAuthenticator,
  passwordAuthenticator,
  SigV4KeyStore,
  sigV4Authenticator,
} = require('../../packages/auth-testserver/dist/index.js')

export function passwordAccount(label) {
  const [username, password] = [`user-${label}`, `pass+word/${label}?`]
  return { username, credentials: { username, password }, secrets: [password] }
}

const usersOf = (accounts) =>
  Object.fromEntries(accounts.map(({ credentials }) => [credentials.username, credentials.password]))

export const passwordServer = (accounts) => passwordAuthenticator({ users: usersOf(accounts) })
export const dseServer = (accounts) => dseAuthenticator({ users: usersOf(accounts) })

export function sigV4Account(label) {
  const accessKeyId = `AKIA${label.toUpperCase()}`
  const secretAccessKey = `secret+key/${label}`
  return { username: accessKeyId, credentials: { accessKeyId, secretAccessKey }, secrets: [secretAccessKey] }
}

export const sigV4Server = (accounts) =>
  sigV4Authenticator({
    region: 'eu-central-1',
    keys: new SigV4KeyStore(accounts.map(({ credentials }) => credentials)),
  })

const hexOf = (text) => Buffer.from(text).toString('hex')
const tim = { username: 'tim', password: 'tanstaaftanstaaf' }

/** RFC 4616 §4, the first example, also behind DSE's negotiation. */
export const plainLogin = {
  name: 'RFC 4616 §4',
  credentials: tim,
  messages: [{ from: 'client', hex: hexOf('\0tim\0tanstaaftanstaaf') }],
}
export const dseLogin = {
  name: 'RFC 4616 §4, negotiated',
  credentials: tim,
  messages: [
    { from: 'client', hex: hexOf('PLAIN') },
    { from: 'server', hex: hexOf('PLAIN-START') },
    ...plainLogin.messages,
  ],
}
