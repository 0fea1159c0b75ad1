import { createHmac, randomInt, timingSafeEqual } from 'node:crypto'
import type { MechanismFactory } from '../dse-authenticator.js'
import { lookUp } from '../lib/look-up.js'
import { tableOption } from '../lib/options/common-options.js'
import {
  callback,
  initially,
  optionBag,
  readOptions,
  refuseMore,
  required,
  type Spec,
} from '../lib/options/option-spec.js'
import type { Users } from '../password-authenticator.js'
import { refused } from './sasl-authenticator.js'

/** Options of `cramMd5Server`. */
export interface CramMd5ServerOptions {
  /** The users who may log in. */
  users: Users
  /** The challenge. Default: a new Message-ID for each login, as RFC 2195 §2 requires. */
  challenge?: (() => string) | undefined
}

export const cramMd5ServerBag = optionBag('cramMd5Server', {
  users: required(tableOption),
  challenge: initially(
    messageId,
    callback<() => string>(),
    'RFC 2195 §2: it has the form of a message id, and is new for each login.',
    'a random one for each login',
  ),
} satisfies Spec<CramMd5ServerOptions>)

/** CRAM-MD5 (RFC 2195). */
export function cramMd5Server(options: CramMd5ServerOptions): MechanismFactory
export function cramMd5Server(options: CramMd5ServerOptions, ...more: readonly unknown[]): MechanismFactory {
  refuseMore('cramMd5Server', more)
  const { users, challenge } = readOptions(cramMd5ServerBag, options)
  return () => {
    let sent: string | undefined
    return {
      respond(token) {
        if (token === null) return { failure: 'java.lang.NullPointerException', code: 0x0000 }
        if (sent === undefined) {
          if (token.length > 0) return refused('CRAM-MD5 begins with the server')
          sent = challenge()
          return { challenge: Buffer.from(sent, 'utf8') }
        }
        // The digest is the last word; a user name may have spaces.
        const [, username = '', digest = ''] =
          /^(.*) ([0-9a-f]{32})$/s.exec(Buffer.from(token).toString('utf8')) ?? []
        const password = lookUp(users, username)
        const expected = createHmac('md5', password ?? '')
          .update(sent, 'utf8')
          .digest()
        const given = Buffer.from(digest, 'hex')
        const equal = given.length === expected.length && timingSafeEqual(given, expected)
        return equal && password !== undefined ? { success: null, username } : refused()
      },
    }
  }
}

function messageId(): string {
  return `<${randomInt(2 ** 47)}.${Date.now()}@testserver.example>`
}
