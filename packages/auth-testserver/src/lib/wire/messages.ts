import type { CqlErrorFields } from '../../cql-errors.js'
import { errorBody } from '../../cql-errors.js'
import type { MessageType } from './protocol.js'
import { BodyWriter } from './wire.js'

/** The messages of a server during a login. */
export type LoginMessage =
  | { type: 'AUTHENTICATE'; authenticator: string }
  | { type: 'READY'; username?: string }
  | { type: 'AUTH_CHALLENGE'; token: Uint8Array | null }
  | { type: 'AUTH_SUCCESS'; token: Uint8Array | null; username?: string }
  | { type: 'ERROR'; code: number; message: string; fields?: CqlErrorFields }

/** Any message of the server, encoded. */
export interface ServerMessage {
  type: MessageType
  body: Buffer
}

/** The body of a login message, §4.2 of the specification. */
export function loginBody(message: LoginMessage): Buffer {
  switch (message.type) {
    case 'AUTHENTICATE':
      return new BodyWriter().string(message.authenticator).done()
    case 'READY':
      return Buffer.alloc(0)
    case 'AUTH_CHALLENGE':
    case 'AUTH_SUCCESS':
      return new BodyWriter().bytes(message.token).done()
    case 'ERROR':
      return errorBody(message.code, message.message, message.fields)
  }
}
