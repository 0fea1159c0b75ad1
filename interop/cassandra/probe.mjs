/** Checks whether the server is up, and whether logins work. */
import net from 'node:net'
import { CqlConnection, unexpected } from '../lib/cql-connection.mjs'

export const superuser = /** @type {const} */ ({ username: 'cassandra', password: 'cassandra' })

/**
 * Tries once. A plain server must answer OPTIONS and, with PasswordAuthenticator, accept the login of the superuser
 * (the role is created a moment after the port opens). A server with TLS must answer OPTIONS over TLS. If a server
 * requires client certificates and we have none, it must accept a connection.
 * @param {import('./node.mjs').PlacedOptions} options
 * @returns {Promise<Error | undefined>} the reason if it is not ready
 */
export async function probe(options) {
  const { address, port, authenticator = 'PasswordAuthenticator', tls, probeTls, awaitLogin = true } = options
  try {
    const plain = takesPlain(options)
    if (!plain && !probeTls && tls?.['require_client_auth'] === true) await accepts(address, port)
    else if (plain && awaitLogin && authenticator === 'PasswordAuthenticator')
      await superuserLogsIn(address, port)
    else await answersOptions(address, port, plain ? undefined : { rejectUnauthorized: false, ...probeTls })
    return undefined
  } catch (error) {
    return /** @type {Error} */ (error)
  }
}

/** Does it take connections without TLS? @param {Pick<import('./node.mjs').PlacedOptions, 'tls' | 'tlsPort'>} options */
export function takesPlain({ tls, tlsPort }) {
  return !tls || tls['enabled'] === false || tls['optional'] === true || tlsPort !== undefined
}

/** @param {string} address @param {number} port @param {import('node:tls').ConnectionOptions} [tls] */
async function answersOptions(address, port, tls) {
  const connection = await CqlConnection.open({ address, port, ...(tls && { tls }) })
  try {
    const answer = await connection.request('OPTIONS')
    if (answer.opcode !== 'SUPPORTED') throw unexpected(answer)
  } finally {
    connection.close()
  }
}

/** @param {string} address @param {number} port */
async function superuserLogsIn(address, port) {
  const connection = await CqlConnection.open({ address, port })
  try {
    await connection.logIn(superuser.username, superuser.password)
  } finally {
    connection.close()
  }
}

/** @param {string} address @param {number} port @returns {Promise<void>} */
function accepts(address, port) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: address, port, timeout: 5000 })
    socket.once('connect', resolve)
    socket.once('error', reject)
    socket.once('timeout', () => reject(new Error('no connection within 5000 ms')))
    socket.once('close', () => reject(new Error('closed')))
    socket.once('connect', () => socket.destroy())
  })
}
