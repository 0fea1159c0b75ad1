import type { MessageType } from './lib/wire/protocol.js'

/** One message, in the order in which the server read or wrote it. */
export interface TranscriptEntry {
  /** Serial number of the connection. */
  connection: number
  /** Address of the node. */
  node: string
  direction: 'client' | 'server'
  /** The message's type; `<bytes>` for what a fault wrote raw. */
  type: MessageType | '<bytes>'
  protocolVersion: number
  stream: number
  /** AUTH_RESPONSE, AUTH_CHALLENGE, AUTH_SUCCESS, `<bytes>`: hex, or `<redacted N bytes>`; null is the null token. */
  token?: string | null
  /** CREDENTIALS (protocol v1); the password redacted on request. */
  credentials?: Record<string, string>
  /** AUTHENTICATE: the class name. */
  authenticator?: string
  /** ERROR. */
  code?: number
  message?: string
  /** QUERY, PREPARE, EXECUTE; on request with its string literals redacted. */
  cql?: string
  /** STARTUP. */
  options?: Record<string, string>
}

/** An entry as kept: tokens in bytes. */
export type TranscriptRecord = Omit<TranscriptEntry, 'token'> & { token?: Uint8Array | null }

/** The last `limit` messages. */
export class Transcript {
  #records: TranscriptRecord[] = []

  constructor(readonly limit: number) {}

  add(record: TranscriptRecord): void {
    this.#records.push(record)
    // Cut by halves, so that adding stays cheap.
    if (this.#records.length > 2 * this.limit) this.#records = this.#records.slice(-this.limit)
  }

  entries(redact: boolean): TranscriptEntry[] {
    return this.#records.slice(-this.limit || this.#records.length).map((record) => render(record, redact))
  }

  clear(): void {
    this.#records = []
  }
}

function render({ token, ...rest }: TranscriptRecord, redact: boolean): TranscriptEntry {
  const entry: TranscriptEntry = { ...rest }
  if (token !== undefined) entry.token = token === null ? null : tokenText(token, redact)
  if (!redact) return entry
  if (rest.cql !== undefined) entry.cql = rest.cql.replaceAll(/'(?:[^']|'')*'/g, "'<redacted>'")
  const password = rest.credentials?.['password']
  if (password !== undefined) {
    entry.credentials = { ...rest.credentials, password: `<redacted ${Buffer.byteLength(password)} bytes>` }
  }
  return entry
}

function tokenText(token: Uint8Array, redact: boolean): string {
  return redact ? `<redacted ${token.length} bytes>` : Buffer.from(token).toString('hex')
}
