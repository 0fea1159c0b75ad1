/** What the conformance suite needs to know about our provider and our mechanism. */
// #region subject
import { HouseTokenAuthProvider, houseToken } from './house-token.mjs'
import { houseAuthenticator } from './server-side.mjs'

/** A new user for each clause: the suite searches everywhere for the secrets. */
function account(label) {
  const [username, key] = [`user-${label}`, `key ${label}`]
  return { username, credentials: { name: username, key }, secrets: [key] }
}

/** A server side that accepts exactly these accounts. */
function server(accounts) {
  return houseAuthenticator(Object.fromEntries(accounts.map(({ credentials: { name, key } }) => [name, key])))
}

export const provider = {
  kind: 'provider',
  name: 'HouseTokenAuthProvider',
  traits: {
    credentials: 'source', // a value, or a function that is asked for each connection
    messages: 2, // two of ours before the server may say success
    cleartext: false,
    authenticators: true, // takes a list of authenticators that it answers
    expiry: true, // credentials may carry expiresAt
  },
  account,
  server,
  create: ({ credentials, deadlineMs, authenticators }) =>
    new HouseTokenAuthProvider({ credentials, deadlineMs, authenticators }),
}
// #endregion subject

// #region mechanism-subject
export const mechanism = { kind: 'mechanism', name: 'HOUSE-TOKEN', mechanism: houseToken, account, server }
// #endregion mechanism-subject
