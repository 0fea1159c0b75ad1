/** AWS's plugin, from the folder that XAUTH_FOREIGN names, with the driver that is installed there. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { sigV4Account, sigV4Server } from './sides.mjs'

const require = createRequire(join(process.env.XAUTH_FOREIGN, 'package.json'))
process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = '1'
const AWS = require('aws-sdk')
const { SigV4AuthProvider } = require('aws-sigv4-auth-cassandra-plugin')

export const sigV4 = {
  kind: 'provider',
  name: 'aws-sigv4-auth-cassandra-plugin',
  driver: require('cassandra-driver'),
  // It gets changing credentials from the SDK's chain, which sends one request for all callers that wait at the same
  // time.
  traits: { credentials: 'shared', messages: 2, cleartext: false },
  account: sigV4Account,
  server: sigV4Server,
  create({ credentials }) {
    if (typeof credentials !== 'function')
      return new SigV4AuthProvider({ region: 'eu-central-1', ...credentials })
    const provider = new SigV4AuthProvider({ region: 'eu-central-1' })
    provider.chain = new AWS.CredentialProviderChain([() => new SourceCredentials(credentials)])
    return provider
  },
}

/** A source behind the SDK's interface for credentials that have to be fetched. */
class SourceCredentials extends AWS.Credentials {
  #source

  constructor(source) {
    super()
    this.expired = true
    this.#source = source
  }

  async refresh(callback) {
    let answer
    try {
      answer = await this.#source()
    } catch (error) {
      return callback(error ?? new Error('the source rejected with nothing'))
    }
    Object.assign(this, answer)
    this.expired = false
    callback()
  }
}
