/**
 * The lies of a hostile GSSAPI server. Lies that need its keys are offers of MIT's peer (`options`). For the others, `reply`
 * changes its messages. It gets each reply with its number: 0 answers the client's ticket, 1 is the offer, 2 is the end.
 */
import { randomBytes } from 'node:crypto'

/** @typedef {import('../sasl/peer.mjs').Reply} Reply */

/**
 * `at`: the number of the reply that is the lie; the client must not send a message after it. `code`: the code of our
 * client's error. `earlier`: the server's challenges of another exchange with the same client. `asked`: the client's message.
 * @typedef {{ earlier: readonly Buffer[], asked: Buffer | null }} Context
 * @typedef {{ title: string, at: 0 | 1 | 2, code: string, options?: Readonly<Record<string, string>>,
 *   reply?: (reply: Reply, context: Context) => Reply }} Lie
 */

const none = Buffer.alloc(0)
const username = 'alice@LAB.TEST'
const invalid = 'CHALLENGE_INVALID'
const unverified = 'KERBEROS_SERVER_NOT_VERIFIED'

/**
 * @param {string} title @param {string} offer hexadecimal @param {string} [code]
 * @param {Readonly<Record<string, string>>} [more] @returns {Lie}
 */
const offer = (title, offer, code = invalid, more = {}) => ({
  title: `offers ${title}`,
  at: 1,
  code,
  options: { offer, ...more },
})

/**
 * @param {0 | 1} at
 * @param {string} title
 * @param {string} code
 * @param {(token: Buffer, context: Context) => Buffer | null} change
 * @returns {Lie}
 */
const token = (at, title, code, change) => ({
  title: `${at === 0 ? 'its proof' : 'the offer'}: ${title}`,
  at,
  code,
  reply: (reply, context) =>
    'challenge' in reply ? { challenge: change(reply.challenge ?? none, context) } : reply,
})

/** @param {0 | 1} at @param {string} title @param {(token: Buffer | null) => Buffer | null} [data] @returns {Lie} */
const success = (at, title, data = () => null) => ({
  title,
  at,
  code: 'UNEXPECTED_SUCCESS',
  reply: (reply) => ('challenge' in reply ? { success: data(reply.challenge), username } : reply),
})

/** @param {string} title @param {(context: Context) => Buffer} data @returns {Lie} */
const challenge = (title, data) => ({
  title,
  at: 2,
  code: 'UNEXPECTED_CHALLENGE',
  reply: (_reply, context) => ({ challenge: data(context) }),
})

/** @param {Buffer} token @param {number} at */
function flipped(token, at) {
  const changed = Buffer.from(token)
  const index = at < 0 ? token.length + at : at
  changed.writeUInt8(changed.readUInt8(index) ^ 1, index)
  return changed
}

/** @param {Buffer} token @param {number} at @param {number} value */
function with16(token, at, value) {
  const changed = Buffer.from(token)
  changed.writeUInt16BE(value, at)
  return changed
}

/** @type {readonly Lie[]} */
export const lies = [
  offer('integrity and privacy, but not to do without a layer', '06001000', 'GSSAPI_LAYER_REQUIRED'),
  offer('privacy only', '04ffffff', 'GSSAPI_LAYER_REQUIRED'),
  offer('nothing', '00000000', 'GSSAPI_LAYER_REQUIRED'),
  offer('no byte', ''),
  offer('one byte', '01'),
  offer('three bytes', '010000'),
  offer('five bytes', '0100000000'),
  offer('4096 bytes', '01'.repeat(4096)),
  offer('four bytes, sealed', '01000000', invalid, { sealed: 'yes' }),

  token(1, 'none', invalid, () => null),
  token(1, 'empty', invalid, () => none),
  token(1, 'one byte', invalid, (bytes) => bytes.subarray(0, 1)),
  token(1, 'its header only', invalid, (bytes) => bytes.subarray(0, 16)),
  token(1, 'without its last byte', invalid, (bytes) => bytes.subarray(0, -1)),
  token(1, 'random bytes', invalid, (bytes) => Buffer.concat([Buffer.of(1), randomBytes(bytes.length - 1)])),
  token(1, 'its header, and random bytes', unverified, (bytes) =>
    Buffer.concat([bytes.subarray(0, 16), randomBytes(16)]),
  ),
  token(1, 'one wrong bit in the payload', unverified, (bytes) => flipped(bytes, 16)),
  token(1, 'one wrong bit in the checksum', unverified, (bytes) => flipped(bytes, -1)),
  token(1, 'one wrong bit in the flags', invalid, (bytes) => flipped(bytes, 2)),
  token(1, 'a checksum of 65535 bytes', invalid, (bytes) => with16(bytes, 4, 0xffff)),
  token(1, 'a checksum of no byte', invalid, (bytes) => with16(bytes, 4, 0)),
  token(1, 'rotated by 65535', unverified, (bytes) => with16(bytes, 6, 0xffff)),
  token(1, 'one byte more', invalid, (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])),
  token(1, 'a megabyte', invalid, (bytes) => Buffer.concat([bytes, Buffer.alloc(1 << 20)])),
  token(1, 'that of another exchange', unverified, (_bytes, { earlier }) => earlier[1] ?? none),
  token(1, 'a proof', 'KERBEROS_ENCTYPE_UNSUPPORTED', (_bytes, { earlier }) => earlier[0] ?? none),

  token(0, 'none', invalid, () => null),
  token(0, 'empty', invalid, () => none),
  token(0, 'one byte', invalid, (bytes) => bytes.subarray(0, 1)),
  token(0, 'the first half', invalid, (bytes) => bytes.subarray(0, bytes.length / 2)),
  token(0, 'random bytes', invalid, (bytes) => randomBytes(bytes.length)),
  token(0, 'one wrong bit', unverified, (bytes) => flipped(bytes, -1)),
  token(0, 'a megabyte', invalid, (bytes) =>
    Buffer.concat([bytes.subarray(0, 20), Buffer.alloc(1 << 20, 0x60)]),
  ),
  token(0, 'that of another exchange', unverified, (_bytes, { earlier }) => earlier[0] ?? none),
  token(0, 'an offer', invalid, (_bytes, { earlier }) => earlier[1] ?? none),
  token(0, "the client's own message", invalid, (_bytes, { asked }) => asked),

  success(0, 'success without a proof'),
  success(0, 'success without a proof, with random data', () => randomBytes(64)),
  success(0, 'its proof in its success', (bytes) => bytes),
  success(1, 'success without an offer'),
  success(1, 'the offer in its success', (bytes) => bytes),
  challenge('one more challenge', () => randomBytes(32)),
  challenge('one more challenge, empty', () => none),
  challenge('one more challenge, an offer of another exchange', ({ earlier }) => earlier[1] ?? none),
]

/**
 * A peer that lies.
 * @param {Pick<import('../sasl/peer.mjs').Peer, 'open'>} peer
 * @param {Lie} lie
 * @param {readonly Buffer[]} earlier
 * @returns {Pick<import('../sasl/peer.mjs').Peer, 'open'>}
 */
export function lying(peer, { at, options, reply: change }, earlier) {
  return {
    async open(opening) {
      const exchange = await peer.open({ ...opening, options: { ...opening.options, ...options } })
      let count = 0
      return {
        async step(token) {
          const reply = await exchange.step(token)
          const asked = token && Buffer.from(token)
          return count++ === at && change ? change(reply, { earlier, asked }) : reply
        },
      }
    },
  }
}

/**
 * An honest peer, with a record of its messages.
 * @param {Pick<import('../sasl/peer.mjs').Peer, 'open'>} peer
 */
export function overheard(peer) {
  /** @type {Buffer[]} */
  const challenges = []
  return {
    challenges,
    /** @param {import('../sasl/peer.mjs').Opening} opening @returns {Promise<import('../sasl/peer.mjs').ForeignExchange>} */
    async open(opening) {
      const exchange = await peer.open(opening)
      return {
        async step(token) {
          const reply = await exchange.step(token)
          if ('challenge' in reply && reply.challenge) challenges.push(reply.challenge)
          return reply
        },
      }
    },
  }
}
