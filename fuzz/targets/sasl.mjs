/**
 * The client side of each SASL mechanism. The server may say anything. The client must not accept it without its proof.
 */
import { isAuthError } from '@x/auth-core'
import { registry } from '@x/auth-sasl'
import { converse } from '../lib/conversation.mjs'
import { readVectors } from '../lib/vectors.mjs'
import { changeMessages, packMessages, unpackMessages } from '../mutators/messages.mjs'
import { changeText } from '../mutators/text.mjs'

const words = [
  'r=',
  's=',
  'i=',
  'v=',
  'e=',
  'm=',
  'realm=',
  'nonce=',
  'qop="auth"',
  'auth-int',
  'rspauth=',
  'charset=utf-8',
  'algorithm=md5-sess',
  'cipher=',
  'stale=true',
  'maxbuf=',
  '"status"',
  '"scope"',
  '"openid-configuration"',
  '{"status":"invalid_token"}',
  '<1896.697170952@postoffice.example>',
]
const change = changeMessages(changeText(words, /([,="{}: ])/))

/** @type {import('../lib/target.mjs').Target[]} */
export const targets = registry.map(({ name, create }) => {
  const vectors = readVectors().filter(({ mechanism }) => mechanism === name)
  if (vectors.length === 0) throw new Error(`there is no vector of ${name} to start with`)
  const mutual = create({}).mutual
  return {
    name: `sasl-${name.toLowerCase()}`,
    covers: ['auth-sasl/dist'],
    seeds: () => vectors.map(({ server }, head) => packMessages({ head, messages: server })),
    change,
    async run(input) {
      const { head, messages } = unpackMessages(input)
      const vector = /** @type {import('../lib/vectors.mjs').Vector} */ (vectors[head % vectors.length])
      const success = vector.proof === 'success' ? (messages.pop() ?? null) : null
      try {
        await converse(mechanismOf(create, vector), vector.credentials, portOf(vector), messages, success)
      } catch (error) {
        if (isAuthError(error) && error.code !== 'MECHANISM_FAILED') return
        throw error
      }
      const said = success ? [...messages, success] : messages
      if (mutual && !proves(vector, said)) throw new Error('a server without its proof is accepted')
    },
  }
})

/** @param {import('../lib/vectors.mjs').Vector} vector */
function portOf({ nonce, binding }) {
  return { nonce, binding, port: 9042 }
}

/** @param {(options: any) => import('@x/auth-core/base').Mechanism<any>} create @param {import('../lib/vectors.mjs').Vector} vector */
function mechanismOf(create, vector) {
  const { mechanism, options, kerberos } = vector
  // Low iteration counts: the time goes into messages, not into PBKDF2.
  const limits = mechanism.startsWith('SCRAM') ? { minIterations: 1, maxIterations: 5_000 } : {}
  return create({ ...options, ...limits, ...(kerberos && { kerberos: tape(vector) }) })
}

/**
 * A stand-in for npm `kerberos` that replays the recorded exchange. Like the library, it refuses a message if one byte differs.
 *
 * @param {import('../lib/vectors.mjs').Vector} vector
 */
function tape({ all, kerberos }) {
  const [ticket, reply, , offer, choice] = all.map((bytes) => bytes.toString('base64'))
  return {
    async initializeClient() {
      let messages = 0
      return {
        get contextComplete() {
          return messages > 1
        },
        async step(/** @type {string} */ challenge) {
          if (challenge !== (messages === 0 ? '' : reply))
            throw new Error('Invalid token was supplied: Success')
          messages++
          return messages === 1 ? ticket : null
        },
        async unwrap(/** @type {string} */ challenge) {
          if (challenge === offer) return Buffer.from(kerberos?.offer ?? '', 'hex').toString('base64')
          throw new Error('A token had an invalid Message Integrity Check (MIC): Success')
        },
        wrap: async () => choice,
      }
    },
  }
}

/**
 * Whether the server sent the recorded proof. It cannot know the proof in another way.
 *
 * @param {import('../lib/vectors.mjs').Vector} vector
 * @param {readonly (Buffer | null)[]} said
 */
function proves({ mechanism, server }, said) {
  if (mechanism === 'GSSAPI') return server.every((message, at) => said[at]?.equals(message))
  const value = /(?:rspauth\s*=\s*"?|^v=)([^",\s]+)/i
  const proofIn = (/** @type {Buffer | null | undefined} */ message) =>
    value.exec(message?.toString('latin1') ?? '')?.[1]?.toLowerCase()
  const right = proofIn(server.at(-1))
  return right !== undefined && said.some((message) => proofIn(message) === right)
}
