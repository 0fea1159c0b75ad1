/** One connection without the driver: for what the driver cannot do, and to check whether a booting server is up. */
import net from 'node:net'
import tls from 'node:tls'
import { encodeFrame, FrameReader, notation, readError } from './cql-frames.mjs'

/** @typedef {import('./cql-frames.mjs').Frame} Frame */

export class CqlConnection {
  #socket
  #version
  #timeoutMs
  /** @type {Frame[]} */
  #frames = []
  /** @type {Error | undefined} */
  #ended
  /** @type {(() => void) | undefined} */
  #wake

  /** @param {net.Socket} socket @param {number} version @param {number} timeoutMs */
  constructor(socket, version, timeoutMs) {
    this.#socket = socket
    this.#version = version
    this.#timeoutMs = timeoutMs
    const reader = new FrameReader()
    socket.on('data', (chunk) => {
      this.#frames.push(...reader.push(chunk))
      this.#wake?.()
    })
    socket.on('error', (error) => this.#end(error))
    socket.on('close', () => this.#end(new Error('the server closed the connection')))
  }

  /**
   * @param {object} options
   * @param {string} options.address
   * @param {number} options.port
   * @param {number} [options.version] of the protocol, 4 by default
   * @param {tls.ConnectionOptions} [options.tls] plain TCP without it
   * @param {number} [options.timeoutMs] of each wait, 5000 by default
   * @returns {Promise<CqlConnection>}
   */
  static open({ address, port, version = 4, tls: tlsOptions, timeoutMs = 5000 }) {
    return new Promise((resolve, reject) => {
      const socket = tlsOptions
        ? tls.connect({ host: address, port, ...tlsOptions })
        : net.connect({ host: address, port })
      const timer = setTimeout(
        () => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)),
        timeoutMs,
      )
      socket.once('error', reject)
      socket.once('close', () => clearTimeout(timer))
      socket.once(tlsOptions ? 'secureConnect' : 'connect', () => {
        clearTimeout(timer)
        resolve(new CqlConnection(socket, version, timeoutMs))
      })
    })
  }

  /**
   * Sends one message. @param {string | number} opcode
   * @param {Uint8Array} [body]
   * @param {{ version?: number, stream?: number }} [header]
   */
  send(opcode, body = Buffer.alloc(0), header = {}) {
    this.#socket.write(encodeFrame({ version: this.#version, opcode, body, ...header }))
  }

  /** Sends bytes without a change. @param {Uint8Array} bytes */
  write(bytes) {
    this.#socket.write(bytes)
  }

  /** The next frame. @returns {Promise<Frame>} rejects if the server closes the connection, or after the time-out */
  async receive() {
    const deadline = Date.now() + this.#timeoutMs
    for (;;) {
      const frame = this.#frames.shift()
      if (frame) return frame
      if (this.#ended) throw this.#ended
      await this.#activity(deadline - Date.now())
    }
  }

  /** Sends one message and returns its answer. @param {string | number} opcode @param {Uint8Array} [body] */
  request(opcode, body) {
    this.send(opcode, body)
    return this.receive()
  }

  /** @param {Record<string, string>} [options] */
  startup(options = { CQL_VERSION: '3.0.0' }) {
    return this.request('STARTUP', notation.stringMap(options))
  }

  /**
   * Sends STARTUP and, if the server asks for a login, SASL PLAIN (RFC 4616), which PasswordAuthenticator expects.
   * @param {string} username @param {string} password
   * @throws {Error} with the server's error code as `code`
   */
  async logIn(username, password) {
    const answer = await this.startup()
    if (answer.opcode === 'READY') return
    if (answer.opcode !== 'AUTHENTICATE') throw unexpected(answer)
    const token = Buffer.from(`\0${username}\0${password}`)
    const verdict = await this.request('AUTH_RESPONSE', notation.bytes(token))
    if (verdict.opcode !== 'AUTH_SUCCESS') throw unexpected(verdict)
  }

  /**
   * Sends a QUERY without values. @param {string} query
   * @param {number} [consistency] ONE by default; ALL is 5, QUORUM 4
   */
  query(query, consistency = 1) {
    const parameters = Buffer.from([consistency >> 8, consistency & 0xff, 0])
    // v1 has no flags after the consistency (native_protocol_v1.spec §4.1.4).
    const tail = this.#version === 1 ? parameters.subarray(0, 2) : parameters
    return this.request('QUERY', Buffer.concat([notation.longString(query), tail]))
  }

  /** Resolves when the server has closed the connection. */
  async closedByServer() {
    const deadline = Date.now() + this.#timeoutMs
    while (!this.#ended) await this.#activity(deadline - Date.now())
  }

  close() {
    this.#socket.destroy()
  }

  /** @param {Error} reason */
  #end(reason) {
    this.#ended ??= reason
    this.#wake?.()
  }

  /** @param {number} waitMs @returns {Promise<void>} */
  #activity(waitMs) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer within ${this.#timeoutMs} ms`)), waitMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** An Error for an unexpected frame; `code` is the server's, if it sent an ERROR. @param {Frame} frame */
export function unexpected(frame) {
  if (frame.opcode !== 'ERROR') return new Error(`the server answered ${frame.opcode}`)
  const { code, message } = readError(frame)
  return Object.assign(new Error(`the server answered ERROR 0x${code.toString(16)}: ${message}`), { code })
}
