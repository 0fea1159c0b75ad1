/** The accounts of the nodes: roles of Cassandra, and the settings of SaslAuthenticator, which every login reads. */
import { superuser } from '../../cassandra/index.mjs'
import { everyUser, mechanisms } from '../client/users.mjs'
import { identities } from './material.mjs'

/** @typedef {import('../client/users.mjs').AnyUser} User */
/** @typedef {import('./secrets.mjs').Login} Login */
/** @typedef {keyof typeof mechanisms} MechanismNumber */

/** The addresses from which each side connects: the control always logs in with passwords. */
export const from = { ours: '127.0.1.1', tokens: '127.0.1.3', control: '127.0.1.2' }

const controlPassword = 'stays'
/** The roles of tokens and of certificates. */
const roles = { token: 'app', ours: 'app_certificate', control: 'control_certificate' }

export class Accounts {
  /** The current logins of our clients at the nodes. @type {Record<User, Login>} */
  logins = /** @type {any} */ (
    Object.fromEntries(everyUser.map((user) => [user, { username: `app_${user}`, password: `${user} 0` }]))
  )
  /** The logins of the control's clients, which do not change. @type {Record<User, Login>} */
  controlLogins = /** @type {any} */ (
    Object.fromEntries(
      everyUser.map((user) => [user, { username: `control_${user}`, password: controlPassword }]),
    )
  )
  /** The mechanism of the nodes with SaslAuthenticator. @type {MechanismNumber} */
  mechanism = 256
  /** The users that Vault has created, by name. @type {Map<string, Login>} */
  #leases = new Map()
  #made = 0
  #passwords = 0
  /** The number of times that the nodes have fetched the keys of tokens. */
  #keys = 0
  #serve
  #say

  /**
   * @param {(service: import('../../authenticator/index.mjs').Service) => void} serve @param {(...statements: string[]) => Promise<void>} say
   * @param {{ url: string }} tokens whose tokens the nodes accept
   */
  constructor(serve, say, tokens) {
    this.#serve = serve
    this.#say = say
    this.tokens = tokens
  }

  /** Creates all accounts at the start. */
  async make() {
    const logins = [...Object.values(this.logins), ...Object.values(this.controlLogins)]
    await this.#say(
      ...logins.map(({ username, password }) => created(username, `PASSWORD = '${password}' AND `)),
      ...Object.values(roles).map((role) => created(role)),
      `ADD IDENTITY IF NOT EXISTS '${identities.ours}' TO ROLE '${roles.ours}'`,
      `ADD IDENTITY IF NOT EXISTS '${identities.control}' TO ROLE '${roles.control}'`,
    )
    this.serve()
  }

  /** The next password of a client. The nodes do not have it yet. @param {User} user @returns {Login} */
  nextLogin(user) {
    return { ...this.logins[user], password: `${user} ${++this.#passwords}` }
  }

  /** From now on the nodes accept only this login. @param {User} user @param {Login} login */
  async accept(user, login) {
    this.logins[user] = login
    await this.#say(`ALTER ROLE ${login.username} WITH PASSWORD = '${login.password}'`)
    this.serve()
  }

  /** Creates a user for a lease of Vault. @returns {Promise<Login>} */
  async makeLease() {
    const login = { username: `lease_${++this.#made}`, password: `of lease ${this.#made}` }
    await this.#say(created(login.username, `PASSWORD = '${login.password}' AND `))
    this.#leases.set(login.username, login)
    this.serve()
    return login
  }

  /** Drops a user, like Vault at the end of its lease. @param {string} username */
  async dropLease(username) {
    this.#leases.delete(username)
    this.serve()
    await this.#say(`DROP ROLE IF EXISTS ${username}`)
  }

  /** From now on, the nodes that ask for SCRAM ask for this mechanism. @param {MechanismNumber} number */
  offer(number) {
    this.mechanism = number
    this.serve()
  }

  /** Makes the nodes fetch the keys of tokens again, so that they refuse keys that are no longer published. */
  forgetKeys() {
    this.#keys++
    this.serve()
  }

  serve() {
    const { url } = this.tokens
    const everyone = [
      ...Object.values(this.logins),
      ...Object.values(this.controlLogins),
      ...this.#leases.values(),
      superuser,
    ]
    this.#serve({
      mechanism: mechanisms[this.mechanism],
      users: Object.fromEntries(everyone.map(({ username, password }) => [username, password])),
      settings: {
        announce: `org.example.cassandra.Scram${this.mechanism}Authenticator`,
        [`announce.from.${from.tokens}`]: 'org.example.cassandra.OAuthBearerAuthenticator',
        [`mechanism.from.${from.tokens}`]: 'OAUTHBEARER',
        [`mechanism.from.${from.control}`]: 'PLAIN',
        'mechanism.from.127.0.0.1': 'PLAIN',
        // The nodes have a separate cache for each address.
        jwks: `${url}/jwks?fetched=${this.#keys}`,
        issuer: url,
        audience: 'https://cassandra.example',
      },
    })
  }
}

/** @param {string} role @param {string} [more] */
function created(role, more = '') {
  return `CREATE ROLE IF NOT EXISTS ${role} WITH ${more}LOGIN = true`
}
