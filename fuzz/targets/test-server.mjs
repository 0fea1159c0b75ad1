/**
 * The requests of a client that may send anything to the in-process server. The server answers or ends the connection, and serves the
 * next client.
 */
import { once } from 'node:events'
import net from 'node:net'
import { passwordAuthenticator, startTestServer } from '@x/auth-testserver'
import { changeFrames, frame } from '../mutators/frames.mjs'

/** @param {string} text */
const string = (text) => Buffer.concat([Buffer.from([text.length >> 8, text.length]), Buffer.from(text)])
/** @param {string} text */
const longString = (text) =>
  Buffer.concat([Buffer.from([0, 0, text.length >> 8, text.length]), Buffer.from(text)])
const startup = frame(1, Buffer.concat([Buffer.from([0, 1]), string('CQL_VERSION'), string('3.0.0')]), 4)
const login = frame(15, Buffer.concat([Buffer.from([0, 0, 0, 10]), Buffer.from('\0user\0pass')]), 4)
/** @param {string} cql */
const query = (cql) => frame(7, Buffer.concat([longString(cql), Buffer.from([0, 1, 0])]), 4)

/** @type {Promise<{ port: number }> | undefined} */
let server

/** One server for all inputs: it must survive each of them. */
function started() {
  server ??= startTestServer({ authenticator: passwordAuthenticator({ users: { user: 'pass' } }) })
  return server
}

/** @type {import('../lib/target.mjs').Target[]} */
export const targets = [
  {
    name: 'test-server',
    covers: ['auth-testserver/dist'],
    seeds: () => [
      Buffer.concat([frame(5, undefined, 4), startup, login, query('SELECT * FROM system.local')]),
      Buffer.concat([
        startup,
        login,
        frame(9, longString('SELECT key FROM system.local WHERE key = ?'), 4),
        query("SELECT data_center, rack FROM system.peers WHERE peer = '127.0.0.1'"),
      ]),
      Buffer.concat([
        startup,
        login,
        frame(11, Buffer.concat([Buffer.from([0, 2]), string('STATUS_CHANGE'), string('SCHEMA_CHANGE')]), 4),
      ]),
      frame(1, Buffer.concat([Buffer.from([0, 1]), string('CQL_VERSION'), string('3.0.0')]), 2),
    ],
    change: changeFrames,
    async run(input) {
      const { port } = await started()
      await exchange(port, input)
      const answer = await exchange(port, frame(5, undefined, 4))
      if (answer[0] !== 0x84) throw new Error('the server no longer answers OPTIONS')
    },
  },
]

/** All that the server says before it ends the connection. @param {number} port @param {Buffer} bytes */
async function exchange(port, bytes) {
  const socket = net.connect(port, '127.0.0.1')
  /** @type {Buffer[]} */
  const chunks = []
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => undefined)
  socket.end(bytes)
  await once(socket, 'close')
  return Buffer.concat(chunks)
}
