import type { MessageType } from './lib/wire/protocol.js'

/** One message, in the order in which the server read or wrote it. */
export interface TranscriptEntry {
  /** Serial number of the connection. */
  connection: number
  /** Address of the node. */
  node: string
  direction: 'client' | 'server'
  /** The type of the message; `<bytes>` for raw bytes of a fault. */
  type: MessageType | '<bytes>'
  protocolVersion: number
  stream: number
  /**
   * Of AUTH_RESPONSE, AUTH_CHALLENGE, AUTH_SUCCESS and `<bytes>`: hexadecimal, or `<redacted N bytes>`. Null is the
   * null token.
   */
  token?: string | null
  /** Of CREDENTIALS (protocol v1). The password is `<redacted N bytes>` unless `redact` is false. */
  credentials?: Record<string, string>
  /** Of AUTHENTICATE: the class name. */
  authenticator?: string
  /** Of ERROR. */
  code?: number
  message?: string
  /** Of QUERY, PREPARE and EXECUTE. String literals are `'<redacted>'` unless `redact` is false. */
  cql?: string
  /** Of STARTUP. */
  options?: Record<string, string>
}

/** An entry as it is kept: tokens are bytes. */
export type TranscriptRecord = Omit<TranscriptEntry, 'token'> & { token?: Uint8Array | null }

/** The last `limit` messages. */
export class Transcript {
  #records: TranscriptRecord[] = []

  constructor(readonly limit: number) {}

  add(record: TranscriptRecord): void {
    this.#records.push(record)
    // It is cut to half its length, so that adding stays cheap.
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
