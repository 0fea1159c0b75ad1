/**
 * Names and numbers of the CQL native protocol, from its specifications (native_protocol_v1.spec … v4.spec in the
 * Cassandra repository), and for DSE v1 and v2 from the driver.
 */

/** The versions that the stock driver supports; 0x41 and 0x42 are DSE v1 and v2. */
export type ProtocolVersion = 1 | 2 | 3 | 4 | 0x41 | 0x42

export const knownVersions: readonly ProtocolVersion[] = [1, 2, 3, 4, 0x41, 0x42]

/** Message types and their opcodes, §2.4 of the v4 specification (CREDENTIALS: v1 only). */
export const opcodes = {
  ERROR: 0x00,
  STARTUP: 0x01,
  READY: 0x02,
  AUTHENTICATE: 0x03,
  CREDENTIALS: 0x04,
  OPTIONS: 0x05,
  SUPPORTED: 0x06,
  QUERY: 0x07,
  RESULT: 0x08,
  PREPARE: 0x09,
  EXECUTE: 0x0a,
  REGISTER: 0x0b,
  EVENT: 0x0c,
  BATCH: 0x0d,
  AUTH_CHALLENGE: 0x0e,
  AUTH_RESPONSE: 0x0f,
  AUTH_SUCCESS: 0x10,
} as const

export type MessageType = keyof typeof opcodes

const requests = [
  'STARTUP',
  'CREDENTIALS',
  'OPTIONS',
  'QUERY',
  'PREPARE',
  'EXECUTE',
  'REGISTER',
  'BATCH',
  'AUTH_RESPONSE',
] as const

/** A message that a client sends. */
export type RequestType = (typeof requests)[number]

const requestByOpcode = new Map<number, RequestType>(requests.map((type) => [opcodes[type], type]))

/** The request with this opcode, or undefined. */
export function requestType(opcode: number): RequestType | undefined {
  return requestByOpcode.get(opcode)
}

/** The server message with this opcode, or undefined. */
export function responseName(opcode: number): MessageType | undefined {
  if (requestByOpcode.has(opcode)) return undefined
  return (Object.keys(opcodes) as MessageType[]).find((type) => opcodes[type] === opcode)
}

/** Frame header flags, §2.2. */
export const frameFlags = {
  compressed: 0x01,
  tracing: 0x02,
  customPayload: 0x04,
  warning: 0x08,
  beta: 0x10,
} as const

/** v1 and v2 have a stream id of one byte, so their header has 8 bytes. All later headers have 9. */
export function headerLength(version: number): 8 | 9 {
  return version < 3 ? 8 : 9
}

/** DSE's own versions are based on v4. They differ in the fields after a query. */
export function isDse(version: number): boolean {
  return version === 0x41 || version === 0x42
}

/** A violation of the protocol by the client. It is answered with an ERROR if there is a stream for the answer. */
export class ProtocolViolation extends Error {
  /**
   * `code` 0x000A unless Cassandra answers otherwise; `version` and `stream` of the answer's frame; `fatal`: the
   * connection is closed after the answer.
   */
  constructor(
    message: string,
    readonly at: { code?: number; version?: number; stream?: number; fatal?: boolean } = {},
  ) {
    super(message)
    this.name = 'ProtocolViolation'
  }
}
