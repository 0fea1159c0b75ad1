import { randomBytes } from 'node:crypto'
import { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { Client } from 'cassandra-driver'
import { costOf } from '../lib/cost.mjs'

const rounds = 12
const queries = 1_000
const mebibytes = 16
const logins = 2_000
const rowBytes = 16_384
const endpoint = { remoteAddress: { value: '127.0.0.1' }, remotePort: { value: 9042 } }

/** Answers `SELECT … FROM rows` with one mebibyte. @returns {Promise<import('../lib/row.mjs').Running>} */
async function rowServer() {
  const { createCertificateAuthority, startTestServer } = await import('@x/auth-testserver')
  const authority = await createCertificateAuthority()
  const { chainPem: cert, keyPem: key } = await authority.issue({ names: ['127.0.0.1'] })
  const value = randomBytes(rowBytes)
  const mebibyte = Array.from({ length: 2 ** 20 / rowBytes }, (_, id) => ({ id, value }))
  const server = await startTestServer({
    tls: { cert, key },
    transcriptLimit: 1,
    query: (cql) =>
      cql.endsWith('FROM rows') ? mebibyte : cql.endsWith('FROM one') ? [{ id: 1 }] : undefined,
  })
  return { info: { options: server.clientOptions, ca: authority.certPem }, stop: () => server.stop() }
}

/**
 * @param {import('../lib/row.mjs').Context} context
 * @param {boolean} recorded
 * @returns {AsyncGenerator<import('../lib/row.mjs').Sample, void>}
 */
async function* measure({ shared, times }, recorded) {
  const { verifyServer } = await import('@x/tls-profiles')
  const profile = verifyServer({ ca: shared.ca })
  // The driver treats an undefined option as absent.
  const sslOptions = recorded ? profile : { ...profile, onread: undefined, signal: undefined }
  const client = new Client({
    ...shared.options,
    sslOptions,
    protocolOptions: { ...shared.options.protocolOptions, maxVersion: 4 },
    pooling: { heartBeatInterval: 0 },
  })
  await client.connect()
  const select = async (/** @type {string} */ table, /** @type {number} */ count) => {
    for (; count > 0; count--) await client.execute(`SELECT * FROM ${table}`)
  }
  const [many, size, often] = [times(queries), times(mebibytes), times(logins)]
  await select('one', many * 3)
  await select('rows', size * 2)
  for (let round = times(rounds); round > 0; round--) {
    const query = await costOf(() => select('one', many))
    const mebibyte = await costOf(() => select('rows', size))
    const login = await costOf(() => readLogins(recorded ? profile.onread : undefined, often))
    yield { query: query.cpuUs / many, mebibyte: mebibyte.cpuUs / 1_000 / size, login: login.cpuUs / often }
  }
  await client.shutdown()
}

/**
 * The work of the reader for a login: it gets AUTHENTICATE and AUTH_SUCCESS, and the driver takes the connection for its
 * login. This is without TLS, whose handshake costs a hundred times as much.
 * @param {import('@x/tls-profiles').TlsProfile['onread']} reader
 * @param {number} count
 */
function readLogins(reader, count) {
  const frames = [authenticate, success]
  for (; count > 0; count--) {
    const socket = Object.defineProperties(new TLSSocket(new Duplex({ read() {}, write() {} })), endpoint)
    socket.on('error', () => undefined)
    socket.on('data', claim)
    for (const frame of frames) {
      if (reader) {
        const place = reader.buffer()
        place.set(frame)
        reader.callback.call(socket, frame.length, place)
      } else socket.push(Buffer.from(frame))
    }
    socket.destroy()
  }
}

const listener = { refused() {}, lost() {} }
const claim = () =>
  /** @type {any} */ (globalThis)[Symbol.for('@x/tls:connection')]?.current?.claim('127.0.0.1:9042', listener)

/** A frame of version 4 on stream 0. @param {number} opcode @param {Buffer} body */
function frame(opcode, body) {
  const header = Buffer.from([0x84, 0, 0, 0, opcode, 0, 0, 0, body.length])
  return Buffer.concat([header, body])
}
const name = Buffer.from('org.apache.cassandra.auth.PasswordAuthenticator')
const authenticate = frame(0x03, Buffer.concat([Buffer.from([0, name.length]), name]))
const success = frame(0x10, Buffer.from([0xff, 0xff, 0xff, 0xff]))

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'The connection record',
  about:
    'A profile with the record of its connections, compared with the same profile without it: client CPU of a query that returns one small row, of a mebibyte of rows in blobs of 16 KiB, and of the bytes of a login. Each process runs 12 rounds, which alternate with the rounds of the other process; the median of a process counts.',
  metrics: {
    query: { title: 'client CPU per query', unit: 'µs', against: 'ratio' },
    mebibyte: { title: 'client CPU per MiB', unit: 'ms', against: 'ratio' },
    login: { title: 'CPU per login', unit: 'µs', against: 'difference' },
  },
  reference: 'without',
  subjects: {
    without: { title: 'without the record', measure: (context) => measure(context, false) },
    with: { title: 'with the record', measure: (context) => measure(context, true) },
  },
  goals: [
    { subject: 'with', metric: 'query', atMost: 1.03 },
    { subject: 'with', metric: 'mebibyte', atMost: 1.03 },
    { subject: 'with', metric: 'login', atMost: 20 },
  ],
  repeats: 15,
  setUp: rowServer,
}
