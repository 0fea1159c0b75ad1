/** Somebody between a client and its server, who ends the TLS connections of both and may change what passes. */
import { constants } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type SecureVersion, type Server, type TLSSocket } from 'node:tls'
import type { IssuedCertificate } from '@x/auth-testserver'

/** A message of the client or the server; version 4 of the protocol. */
export interface Message {
  readonly opcode: number
  readonly body: Buffer
}

export interface InBetweenOptions {
  /** The certificate that clients are shown. */
  readonly shown: IssuedCertificate
  /** The authority of the server's certificate. */
  readonly ca: string
  /** Port of the server. */
  readonly port: number
  readonly maxVersion: SecureVersion
  /** What passes instead of a message of the client, such as another token of its AUTH_RESPONSE. */
  readonly request?: ((message: Message) => Message) | undefined
  /** What passes instead of a message of the server. */
  readonly response?: ((message: Message) => Message) | undefined
  /** Before a message of this opcode passes, the client's connection is renegotiated (TLS 1.2) with this certificate. */
  readonly renegotiate?: { readonly before: number; readonly with: IssuedCertificate } | undefined
}

export interface InBetween {
  readonly port: number
  /** Whether each connection of a client resumed a session. */
  readonly resumed: readonly boolean[]
  /** How often a connection was renegotiated. */
  readonly renegotiations: number
  close(): Promise<void>
}

export const opcodes = {
  ERROR: 0x00,
  STARTUP: 0x01,
  AUTHENTICATE: 0x03,
  AUTH_CHALLENGE: 0x0e,
  AUTH_RESPONSE: 0x0f,
}

const unchanged = (message: Message) => message

export async function standInBetween(options: InBetweenOptions): Promise<InBetween> {
  const { shown, ca, maxVersion, port, request = unchanged, response = unchanged, renegotiate } = options
  const resumed: boolean[] = []
  let renegotiations = 0
  const open = new Set<TLSSocket>()
  // With a ticket a renegotiation would resume the session and show no other certificate.
  const secureOptions = renegotiate ? constants.SSL_OP_NO_TICKET : 0
  const keys = { cert: shown.chainPem, key: shown.keyPem, maxVersion, secureOptions }
  const server: Server = createServer(keys, (client) => {
    resumed.push(client.isSessionReused())
    const onwards = connect({ host: '127.0.0.1', port, ca, maxVersion })
    for (const socket of [client, onwards]) {
      open.add(socket)
      socket.on('error', () => socket.destroy())
      socket.once('close', () => {
        open.delete(socket)
        for (const each of [client, onwards]) each.destroySoon()
      })
    }
    void pass(client, onwards, async (message) => {
      if (message.opcode === renegotiate?.before) {
        await renegotiated(client, renegotiate.with)
        renegotiations++
      }
      return request(message)
    })
    void pass(onwards, client, response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    resumed,
    get renegotiations() {
      return renegotiations
    },
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Reads messages of `from`, and writes what becomes of each to `to`, in order. */
async function pass(
  from: TLSSocket,
  to: TLSSocket,
  change: (message: Message) => Message | Promise<Message>,
): Promise<void> {
  let pending = Buffer.alloc(0)
  let last = Promise.resolve()
  from.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk])
    while (pending.length >= 9 && pending.length >= 9 + pending.readUInt32BE(5)) {
      const header = Buffer.from(pending.subarray(0, 9))
      const message = { opcode: header[4] as number, body: pending.subarray(9, 9 + header.readUInt32BE(5)) }
      pending = pending.subarray(9 + message.body.length)
      last = last.then(async () => {
        const { opcode, body } = await change(message)
        header[4] = opcode
        header.writeUInt32BE(body.length, 5)
        if (to.writable) to.write(Buffer.concat([header, body]))
      })
      // The client ended the connection in the middle of a renegotiation.
      last.catch(() => from.destroy())
    }
  })
}

function renegotiated(client: TLSSocket, { chainPem: cert, keyPem: key }: IssuedCertificate): Promise<void> {
  // Since Node 20.17; missing in its declarations.
  ;(client as TLSSocket & { setKeyCert(context: object): void }).setKeyCert({ cert, key })
  return new Promise((resolve, reject) => {
    client.once('close', () => reject(new Error('closed')))
    client.renegotiate({}, (error) => (error ? reject(error) : resolve()))
  })
}

/** A token as [bytes] (§3). */
export function tokenMessage(opcode: number, token: string): Message {
  const bytes = Buffer.from(token)
  const body = Buffer.alloc(4 + bytes.length)
  body.writeInt32BE(bytes.length)
  body.set(bytes, 4)
  return { opcode, body }
}

/** Changes the tokens of the client. */
export function changingTokens(change: (token: string) => string): (message: Message) => Message {
  return (message) =>
    message.opcode === opcodes.AUTH_RESPONSE
      ? tokenMessage(message.opcode, change(message.body.subarray(4).toString()))
      : message
}
