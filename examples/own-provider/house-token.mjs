/**
 * A login that is specific to one company: the server sends 16 random bytes, and the client answers with its name and
 * an HMAC of the bytes.
 */
// #region mechanism
import { createHmac } from 'node:crypto'
import { authError, BaseAuthProvider, finish, send } from '@x/auth-core/base'

export const houseToken = {
  name: 'HOUSE-TOKEN',
  clientFirst: false, // the server speaks first
  mutual: false, // it does not prove itself
  cleartext: false, // the key never crosses the wire
  spec: 'the wiki of our house, "Logging in"',

  parseCredentials(value) {
    const { name, key } = value ?? {}
    if (typeof name !== 'string' || name === '' || typeof key !== 'string' || key === '') {
      throw authError('CREDENTIALS_INVALID', 'A house token has the fields name and key, both strings.')
    }
    return { name, key }
  },

  async *converse({ name, key }) {
    const nonce = yield send(Buffer.alloc(0))
    if (nonce?.length !== 16)
      throw authError('CHALLENGE_INVALID', 'The nonce of the server must have 16 bytes.')
    const proof = createHmac('sha256', key).update(nonce).digest('hex')
    yield finish(Buffer.from(`${name} ${proof}`))
  },
}
// #endregion mechanism

// #region provider
export class HouseTokenAuthProvider extends BaseAuthProvider {
  /** `credentials`: `{ name, key }`, or a function of the connection that returns it. */
  constructor({ credentials, deadlineMs, authenticators }) {
    super({ mechanisms: [houseToken], credentials, deadlineMs, authenticators })
  }
}
// #endregion provider
