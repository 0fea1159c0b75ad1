/** The recorded exchanges of `vectors/`, as seeds. */
import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('../../vectors/', import.meta.url)

/**
 * @typedef {object} Vector
 * @property {string} mechanism
 * @property {object} credentials
 * @property {Record<string, unknown>} [options]
 * @property {string} [nonce]
 * @property {'none' | 'success' | 'challenge' | 'refused'} proof
 * @property {Buffer[]} server the messages of the server
 * @property {Buffer | undefined} binding
 * @property {{ offer: string } | undefined} kerberos
 * @property {Buffer[]} all the messages of both sides
 */

/** @returns {Vector[]} */
export function readVectors() {
  return readdirSync(folder)
    .flatMap((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')).cases ?? [])
    .filter((entry) => entry.exchange && entry.mechanism)
    .map((entry) => ({
      ...entry,
      binding: entry.binding && Buffer.from(entry.binding.base64, 'base64'),
      server: entry.exchange.filter((/** @type {any} */ { server }) => server !== undefined).map(serverBytes),
      all: entry.exchange.map((/** @type {any} */ message) => bytesOf(Object.values(message)[0])),
    }))
}

/** @param {any} message */
function serverBytes({ server }) {
  return bytesOf(server)
}

/** @param {any} message */
function bytesOf(message) {
  return typeof message === 'string' ? Buffer.from(message) : Buffer.from(message.base64, 'base64')
}
