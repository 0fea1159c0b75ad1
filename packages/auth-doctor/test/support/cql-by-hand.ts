import type { Socket } from 'node:net'

/** Frames as a hostile server writes them: the embedded server sends none that is wrong in these ways. */
const short = (value: number) => numbered(2, (bytes) => bytes.writeUInt16BE(value))
const int = (value: number) => numbered(4, (bytes) => bytes.writeInt32BE(value))
const long = (value: bigint) => numbered(8, (bytes) => bytes.writeBigInt64BE(value))
const string = (text: string) => Buffer.concat([short(Buffer.byteLength(text)), Buffer.from(text)])
const bytesOf = (value: Buffer | null) =>
  value === null ? int(-1) : Buffer.concat([int(value.length), value])

function numbered(size: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(size)
  write(bytes)
  return bytes
}

export const opcode = {
  ERROR: 0,
  READY: 2,
  AUTHENTICATE: 3,
  SUPPORTED: 6,
  RESULT: 8,
  CHALLENGE: 14,
  SUCCESS: 16,
}

export function frame(code: number, body: Buffer, announced = body.length): Buffer {
  return Buffer.concat([Buffer.from([0x84, 0, 0, 0, code]), int(announced), body])
}

export function supported(map: Readonly<Record<string, readonly string[]>>): Buffer {
  const entries = Object.entries(map).flatMap(([key, values]) => [
    string(key),
    short(values.length),
    ...values.map(string),
  ])
  return Buffer.concat([short(Object.keys(map).length), ...entries])
}

export const error = (code: number, message: string) => Buffer.concat([int(code), string(message)])
export const challenge = (token: string) => frame(opcode.CHALLENGE, bytesOf(Buffer.from(token)))

/** A column, and its values as they are sent. */
export type Column = readonly [name: string, type: number, values: readonly (Buffer | null)[]]
export const text = (name: string, ...values: readonly (string | null)[]): Column => [
  name,
  13,
  values.map((value) => (value === null ? null : Buffer.from(value))),
]
export const inet = (name: string, ...values: readonly (readonly number[] | null)[]): Column => [
  name,
  16,
  values.map((value) => (value === null ? null : Buffer.from(value))),
]
export const ints = (name: string, ...values: readonly (number | null)[]): Column => [
  name,
  9,
  values.map((value) => (value === null ? null : int(value))),
]
export const timestamp = (name: string, value: bigint): Column => [name, 11, [long(value)]]

export function rows(...columns: readonly Column[]): Buffer {
  const count = columns[0]?.[2].length ?? 0
  return Buffer.concat([
    int(2),
    int(1),
    int(columns.length),
    string('system'),
    string('a_table'),
    ...columns.flatMap(([name, type]) => [string(name), short(type)]),
    int(count),
    ...Array.from({ length: count }, (_, row) =>
      columns.map(([, , values]) => bytesOf(values[row] ?? null)),
    ).flat(),
  ])
}

/** What a server by hand answers; each has a default that is well-behaved. */
export interface ByHand {
  readonly options?: Buffer | (() => Buffer)
  readonly startup?: Buffer
  readonly login?: (token: Buffer) => Buffer
  /** The body of a RESULT, or undefined: there is no such table. */
  readonly query?: (cql: string) => Buffer | undefined
}

const passwords = 'org.apache.cassandra.auth.PasswordAuthenticator'
export const authenticate = (name = passwords) => frame(opcode.AUTHENTICATE, string(name))
export const wellBehaved = { CQL_VERSION: ['3.4.7'], PROTOCOL_VERSIONS: ['3/v3', '4/v4'] }

/** What `system.local` says, unless it is asked for the time. */
export const local =
  (dataCenter = 'dc1', version = '5.0.0') =>
  (cql: string) =>
    /system\.local/.test(cql) && !/toTimestamp/.test(cql)
      ? rows(text('data_center', dataCenter), text('release_version', version))
      : undefined

/** The same, with other nodes. */
export const withPeers =
  (...columns: readonly Column[]) =>
  (cql: string) =>
    /peers_v2/.test(cql) ? rows(...columns) : local()(cql)

/** A greeting for `stranger()`. */
export function byHand({
  options = frame(opcode.SUPPORTED, supported(wellBehaved)),
  startup = authenticate(),
  login = () => frame(opcode.SUCCESS, int(-1)),
  query = local(),
}: ByHand): (socket: Socket) => void {
  const answerTo = (code: number, body: Buffer): Buffer | undefined => {
    if (code === 5) return typeof options === 'function' ? options() : options
    if (code === 1) return startup
    if (code === 15) return login(body)
    if (code !== 7) return undefined
    const found = query(body.subarray(4, 4 + body.readInt32BE(0)).toString())
    return found ? frame(opcode.RESULT, found) : frame(opcode.ERROR, error(0x2200, 'no such table'))
  }
  return (socket) => {
    let heard = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk])
      if ((heard[0] as number) > 4) return socket.destroy() // TLS: there is none
      while (heard.length >= 9 && heard.length >= 9 + heard.readInt32BE(5)) {
        const end = 9 + heard.readInt32BE(5)
        const [code, body] = [heard[4] as number, heard.subarray(9, end)]
        heard = heard.subarray(end)
        const answer = answerTo(code, body)
        if (answer) socket.write(answer)
      }
      return undefined
    })
  }
}
