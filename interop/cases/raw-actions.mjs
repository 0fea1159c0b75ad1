/** Hand-written frames that no driver sends, or that no driver should send, to compare two servers. */
import { CqlConnection } from '../lib/cql-connection.mjs'
import { describeAnswer, encodeFrame, notation } from '../lib/cql-frames.mjs'

/**
 * Messages. Each is sent after the answer to the previous one.
 * @typedef {{ opcode: string | number, body?: Uint8Array, version?: number, flags?: number, stream?: number }} Message
 * @typedef {object} RawAction
 * @property {number} [version] 4 by default
 * @property {(Message | Uint8Array)[]} messages
 * @property {boolean} [last] do not check afterwards whether the connection is open (version 5 needs segments for that)
 * @property {number} [patienceMs] after this time without an answer the result is `silence`; 10 000 by default
 * @property {string} [differs] the reason for a known difference of the embedded server
 */

const startupBody = notation.stringMap({ CQL_VERSION: '3.0.0' })
const startup = { opcode: 'STARTUP', body: startupBody }
const options = { opcode: 'OPTIONS' }

/** @param {Uint8Array | string | null} value @returns {Message} */
const token = (value) => ({
  opcode: 'AUTH_RESPONSE',
  body: notation.bytes(typeof value === 'string' ? Buffer.from(value) : value),
})
const login = token('\0app\0secret')

/** @param {string} text @returns {Message} */
const query = (text) => ({
  opcode: 'QUERY',
  body: Buffer.concat([notation.longString(text), Buffer.from([0, 1, 0])]),
})
const select = query('SELECT key FROM system.local')

/** @param {Record<string, string>} entries @returns {Message} */
const startupWith = (entries) => ({ opcode: 'STARTUP', body: notation.stringMap(entries) })
/** @param {...string} kinds @returns {Message} */
const register = (...kinds) => ({ opcode: 'REGISTER', body: notation.stringList(kinds) })

/** The header of a frame that promises a body of this length. @param {number} length */
const promising = (length) => {
  const header = Buffer.from([4, 0, 0, 0, 0x01, 0, 0, 0, 0])
  header.writeUInt32BE(length, 5)
  return header
}

/** Known differences, and their reasons. */
const differences = {
  noV5: 'the embedded server, like the driver, speaks no version 5',
  stumbles: 'Cassandra stumbles over the frame again with the next one; the embedded server reads on',
  cut: 'Cassandra closes without an answer; the embedded server answers 0x000a',
  noBody: 'Cassandra answers 0x0000 (an exception of its own); the embedded server 0x000a',
  promise: 'Cassandra reads a body to its end before it refuses it, and stays; the embedded server closes',
}

/** On a server with PasswordAuthenticator. @type {Record<string, RawAction>} */
export const passwordRawActions = {
  'OPTIONS first': { messages: [options, startup, login] },
  'OPTIONS in the middle of a login': { messages: [startup, options, login] },
  'QUERY without STARTUP': { messages: [select] },
  'QUERY in the middle of a login': { messages: [startup, select] },
  'PREPARE in the middle of a login': {
    messages: [startup, { opcode: 'PREPARE', body: notation.longString('SELECT') }],
  },
  'REGISTER in the middle of a login': { messages: [startup, register('STATUS_CHANGE')] },
  'AUTH_RESPONSE without STARTUP': { messages: [login] },
  'AUTH_RESPONSE after the login': { messages: [startup, login, login] },
  'STARTUP twice': { messages: [startup, startup] },
  'STARTUP after the login': { messages: [startup, login, startup] },
  'OPTIONS after the login': { messages: [startup, login, options] },
  'CREDENTIALS in v4': { messages: [startup, { opcode: 'CREDENTIALS', body: startupBody }] },
  'a wrong password, then the right one': { messages: [startup, token('\0app\0wrong'), login, select] },
  'a wrong password, then a query': { messages: [startup, token('\0app\0wrong'), select] },
  'a null token': { messages: [startup, token(null)] },
  'a null token, then the right one': { messages: [startup, token(null), login] },
  'an empty token': { messages: [startup, token('')] },
  'a token without NUL': { messages: [startup, token('app')] },
  'a token with one NUL': { messages: [startup, token('app\0secret')] },
  'a token with an authzid': { messages: [startup, token('other\0app\0secret')] },
  'a token with four parts': { messages: [startup, token('a\0b\0app\0secret')] },
  'a token without a name': { messages: [startup, token('\0\0secret')] },
  'a token without a password': { messages: [startup, token('\0app\0')] },
  'a token of NULs': { messages: [startup, token('\0\0\0')] },
  'a token that is not UTF-8': { messages: [startup, token(Buffer.from([0, 0xff, 0xfe, 0, 0xc3, 0x28]))] },
  'STARTUP without anything': { messages: [startupWith({})] },
  'STARTUP without CQL_VERSION': { messages: [startupWith({ DRIVER_NAME: 'interop' })] },
  'STARTUP with a CQL version of the future': { messages: [startupWith({ CQL_VERSION: '9.0.0' })] },
  'STARTUP with a CQL version that is none': {
    messages: [startupWith({ CQL_VERSION: 'new' })],
  },
  'STARTUP with keys in small letters': { messages: [startupWith({ cql_version: '3.0.0' }), login] },
  'STARTUP with an unknown compression': {
    messages: [startupWith({ CQL_VERSION: '3.0.0', COMPRESSION: 'zip' })],
  },
  'STARTUP with an unknown option': {
    messages: [startupWith({ CQL_VERSION: '3.0.0', COLOUR: 'blue' }), login],
  },
  'STARTUP cut short': {
    differs: differences.cut,
    messages: [{ opcode: 'STARTUP', body: Buffer.from([0, 1, 0, 11, 67]) }],
  },
  'AUTH_RESPONSE cut short': {
    messages: [startup, { opcode: 'AUTH_RESPONSE', body: Buffer.from([0, 0, 0, 9, 0, 97]) }],
  },
  'AUTH_RESPONSE without a body': {
    differs: differences.noBody,
    messages: [startup, { opcode: 'AUTH_RESPONSE' }],
  },
  'AUTH_RESPONSE with a length of -2': {
    messages: [startup, { opcode: 'AUTH_RESPONSE', body: Buffer.alloc(4, 0xff).fill(0xfe, 3) }],
  },
  'QUERY cut short': { messages: [startup, login, { opcode: 'QUERY', body: Buffer.from([0, 0, 0, 9, 83]) }] },
  'an unknown opcode': { differs: differences.stumbles, messages: [{ opcode: 0x20 }] },
  'an opcode of a response': { differs: differences.stumbles, messages: [{ opcode: 'READY' }] },
  'an unknown opcode, after the login': {
    differs: differences.stumbles,
    messages: [startup, login, { opcode: 0x20 }],
  },
  'REGISTER for all events': {
    messages: [startup, login, register('TOPOLOGY_CHANGE', 'STATUS_CHANGE', 'SCHEMA_CHANGE')],
  },
  'REGISTER for an event that is none': { messages: [startup, login, register('PARTY')] },
  'EXECUTE of what was not prepared': {
    messages: [
      startup,
      login,
      { opcode: 'EXECUTE', body: Buffer.concat([Buffer.from([0, 2, 1, 2]), Buffer.from([0, 1, 0])]) },
    ],
  },
  'two versions on one connection': { version: 3, messages: [startup, { ...login, version: 4 }] },
  'v1 STARTUP': { version: 1, messages: [startup] },
  'v2 STARTUP': { version: 2, messages: [startup] },
  'v3 STARTUP and login': { version: 3, messages: [startup, login] },
  'v5 OPTIONS': { differs: differences.noV5, version: 5, messages: [options] },
  'v5 STARTUP': { differs: differences.noV5, version: 5, messages: [startup], last: true },
  'v6 STARTUP without the beta flag': { differs: differences.noV5, version: 6, messages: [startup] },
  'v7 STARTUP': { version: 7, messages: [startup] },
  'DSE v1 STARTUP': { version: 0x41, messages: [startup] },
  'DSE v2 STARTUP': { version: 0x42, messages: [startup] },
  'version 0': { version: 0, messages: [startup] },
  'version 127': { version: 127, messages: [startup] },
  'an answer sent to a server': { messages: [encodeFrame({ version: 0x84, opcode: 'READY' })] },
  'a request for HTTP': {
    messages: [Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  },
  'a hello of TLS': {
    messages: [Buffer.from('16030100a5010000a10303', 'hex')],
  },
  'a body of 1 GiB, promised': {
    differs: differences.promise,
    patienceMs: 700,
    messages: [promising(2 ** 30)],
  },
  'a body of -1, promised': {
    differs: differences.promise,
    patienceMs: 700,
    messages: [promising(2 ** 32 - 1)],
  },
  'a body of 1 GiB, promised after the login': {
    differs: differences.promise,
    patienceMs: 700,
    messages: [startup, login, promising(2 ** 30)],
  },
  'a body of 20 MiB, after the login': {
    differs: differences.promise,
    messages: [startup, login, query(' '.repeat(20 * 2 ** 20))],
  },
  'a negative stream id': { messages: [{ ...startup, stream: -1 }] },
  'the flag of tracing': { messages: [{ ...startup, flags: 0x02 }] },
  'the flag of compression': { messages: [{ ...startup, flags: 0x01 }] },
  'the flag of compression after the login': {
    messages: [startup, login, { ...select, flags: 0x01 }],
  },
  'the flag of beta': { messages: [{ ...startup, flags: 0x10 }] },
  'a flag that is none': { messages: [{ ...startup, flags: 0x80 }] },
}

/** On a server with AllowAllAuthenticator. @type {Record<string, RawAction>} */
export const allowAllRawActions = {
  'STARTUP and a query': { messages: [startup, select] },
  'AUTH_RESPONSE that nobody asked for': { messages: [startup, login] },
  'STARTUP twice': { messages: [startup, startup] },
  'QUERY without STARTUP': { messages: [select] },
  'v2 STARTUP': { version: 2, messages: [startup] },
}

/**
 * Sends the messages. Returns the answer to each: a message, `closed`, or `silence`; then whether the connection is
 * open.
 * @param {RawAction} action
 * @param {import('../lib/recording-proxy.mjs').Server} server
 */
export async function performRaw(
  { version = 4, messages, last = false, patienceMs = 10_000 },
  { address, port, newest },
) {
  const connection = await CqlConnection.open({ address, port, version, timeoutMs: patienceMs })
  /** @type {string[]} */
  const answers = []
  try {
    for (const message of messages) answers.push(await answerTo(message))
    if (!last) answers.push(`then OPTIONS: ${await answerTo(options)}`)
    return answers
  } finally {
    connection.close()
  }

  /** @param {Message | Uint8Array} message */
  async function answerTo(message) {
    const bytes = message instanceof Uint8Array ? message : encodeFrame({ version, ...message })
    connection.write(bytes)
    try {
      const frame = await connection.receive()
      const stream = frame.stream === 0 ? '' : ` on stream ${frame.stream}`
      return `${describeAnswer(frame, (bytes[0] ?? 0) & 0x7f, newest)}${stream}`
    } catch (error) {
      return /** @type {Error} */ (error).message.startsWith('no answer within') ? 'silence' : 'closed'
    }
  }
}
