// #region server
import { createHmac, randomBytes } from 'node:crypto'

/** The server side of the company's login, in the form for the test server. `keys` maps a name to its key. */
export function houseAuthenticator(keys) {
  return {
    name: 'com.example.house.TokenAuthenticator',
    newExchange() {
      let nonce
      return {
        respond(token) {
          if (!nonce) {
            nonce = randomBytes(16)
            return { challenge: nonce }
          }
          const [name, proof] = Buffer.from(token ?? [])
            .toString()
            .split(' ')
          const expected = createHmac('sha256', keys[name] ?? '')
            .update(nonce)
            .digest('hex')
          return name in keys && proof === expected
            ? { success: null, username: name }
            : { failure: 'Unknown name or wrong key' }
        },
      }
    },
  }
}
// #endregion server
