import { createHmac } from 'node:crypto'
import {
  authError,
  finish,
  type OneWayMechanism,
  optionBag,
  type PasswordCredentials,
  plain,
  type Secret,
  send,
} from '@x/auth-core/base'
import { empty, messageBytes, utf8 } from '../lib/bytes.js'
import type { MechanismRow } from '../mechanism-row.js'

/** CRAM-MD5 cannot carry an authorization id. */
export type CramMd5Credentials = Omit<PasswordCredentials, 'authorizationId'>

interface ParsedCredentials {
  readonly username: string
  readonly password: Secret
}

/** More than any server's challenge, which is a Message-ID. */
const maxChallengeBytes = 1_024

/**
 * CRAM-MD5 (RFC 2195): answers the server's challenge with a digest keyed with the password. The server proves nothing,
 * and a false server can choose what is digested.
 *
 * Errors: CREDENTIALS_INVALID, also for an authorizationId, which the mechanism cannot carry; CHALLENGE_INVALID.
 */
export const cramMd5: OneWayMechanism<ParsedCredentials> & { readonly weakness: string } = {
  name: 'CRAM-MD5',
  clientFirst: false,
  mutual: false,
  cleartext: false,
  spec: 'RFC 2195',
  weakness:
    'With MD5, guessing the password from a recorded login is cheap, and the server does not prove itself.',

  parseCredentials(value) {
    const { username, password, authorizationId } = plain.parseCredentials(value)
    if (authorizationId === '') return { username, password }
    throw authError('CREDENTIALS_INVALID', 'CRAM-MD5 cannot carry an authorizationId (RFC 2195).')
  },

  async *converse({ username, password }) {
    const challenge = messageBytes(yield send(empty), maxChallengeBytes)
    // RFC 2195 §2: the user name, a space, and the digest in lower-case hexadecimal
    const digest = password.use((text) => createHmac('md5', utf8(text)).update(challenge).digest('hex'))
    yield finish(utf8(`${username} ${digest}`))
  },
}

const row: MechanismRow<'CRAM-MD5', CramMd5Credentials> = {
  name: 'CRAM-MD5',
  credentials: { username: true, password: true },
  options: optionBag('CRAM-MD5', {}),
  provider: {},
  create: () => cramMd5,
}

export const rows = { 'CRAM-MD5': row }
