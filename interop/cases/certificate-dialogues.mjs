/** Records what a server that identifies clients by their certificates sends to each of them, to compare two servers. */
import { CqlConnection } from '../lib/cql-connection.mjs'
import { describeFrame, notation, readError } from '../lib/cql-frames.mjs'

/** @typedef {import('node:tls').ConnectionOptions} TlsOptions */
/** @typedef {{ address: string, port: number }} Place */

/**
 * Tries every client with every token. Maps `client, token` to the answers to STARTUP and, if the server asks, to the
 * token.
 * @param {Record<string, { place: Place, tls?: TlsOptions }>} clients
 * @param {Record<string, Uint8Array | null>} tokens
 * @returns {Promise<Record<string, string[]>>}
 */
export async function certificateDialogues(clients, tokens) {
  /** @type {Record<string, string[]>} */
  const all = {}
  for (const [who, { place, tls }] of Object.entries(clients)) {
    for (const [what, token] of Object.entries(tokens)) {
      const { address, port } = place
      all[`${who}, ${what}`] = await dialogue({ address, port, ...(tls && { tls }) }, token)
    }
  }
  return all
}

/** @param {Parameters<typeof CqlConnection.open>[0]} place @param {Uint8Array | null} token */
async function dialogue(place, token) {
  const connection = await CqlConnection.open(place).catch(refusedInTls)
  if (typeof connection === 'string') return [connection]
  try {
    const first = await connection.startup()
    if (first.opcode !== 'AUTHENTICATE') return [words(first)]
    return [words(first), words(await connection.request('AUTH_RESPONSE', notation.bytes(token)))]
  } finally {
    connection.close()
  }
}

/** The alert itself differs between OpenSSL and Netty. @param {NodeJS.ErrnoException} error */
function refusedInTls(error) {
  if (/^(ERR_SSL_|ECONNRESET)/.test(error.code ?? '')) return 'no handshake'
  throw error
}

/** With the text of a refusal; for an exception in the server (0x0000) only the code. @param {import('../lib/cql-frames.mjs').Frame} frame */
function words(frame) {
  if (frame.opcode !== 'ERROR') return describeFrame(frame)
  const { code, message } = readError(frame)
  return code === 0 ? describeFrame(frame) : `${describeFrame(frame)} ${message}`
}
