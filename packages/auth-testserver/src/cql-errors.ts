import { bytesOption, textsOption } from './lib/options/common-options.js'
import { flag, optionBag, readOptions, type Spec, some, whole } from './lib/options/option-spec.js'
import { BodyWriter } from './lib/wire/wire.js'

/** Fields that some ERROR bodies have after code and message; each has a default that a client can read. */
export interface CqlErrorFields {
  /** Number of the consistency level. Default 1 (ONE). */
  consistency?: number | undefined
  /** Replicas that the consistency level asks for. Default 2. */
  required?: number | undefined
  /** Replicas alive. Default 1. */
  alive?: number | undefined
  /** Replicas that answered. Default 1. */
  received?: number | undefined
  /** Replicas that failed. Default 1. */
  failures?: number | undefined
  /** Whether the replica with the data answered. Default false. */
  dataPresent?: boolean | undefined
  /** The type of the write. Default `SIMPLE`. */
  writeType?: string | undefined
  /** The keyspace that exists already, or the keyspace of the function. Default `app`. */
  keyspace?: string | undefined
  /** The table that exists already. If it is empty, the keyspace exists already. Default `users`. */
  table?: string | undefined
  /** Name of the function. Default `fn`. */
  functionName?: string | undefined
  /** CQL types of the function's arguments. Default `['int']`. */
  argumentTypes?: readonly string[] | undefined
  /** Id of the statement that is not prepared, at most 65,535 bytes. Default 16 zero bytes. */
  statementId?: Uint8Array | undefined
}

const count = whole({ min: 0, max: 2 ** 31 - 1 })
const name = some<string>('a string', (value) => typeof value === 'string')

export const cqlErrorFieldsBag = optionBag('the fields of an ERROR', {
  consistency: whole({ min: 0, max: 0xffff }),
  required: count,
  alive: count,
  received: count,
  failures: count,
  dataPresent: flag,
  writeType: name,
  keyspace: name,
  table: name,
  functionName: name,
  argumentTypes: textsOption('a list of CQL types'),
  statementId: bytesOption,
} satisfies Spec<CqlErrorFields>)

/** One row of the table of error codes. */
export interface CqlErrorKind {
  /** The specification's name. */
  name: string
  /** The usual text of Cassandra. */
  message: string
  /** The fields after the message, in the notation of the specification; '' if there are none. */
  layout: string
}

interface ErrorRow extends CqlErrorKind {
  write(writer: BodyWriter, fields: CqlErrorFields): void
}

const plain = (name: string, message: string): ErrorRow => ({
  name,
  message,
  layout: '',
  write: () => {},
})

/** <cl> <received> <blockfor>, the start of the four time-out and failure bodies. */
function quorum(writer: BodyWriter, fields: CqlErrorFields): BodyWriter {
  return writer
    .short(fields.consistency ?? 1)
    .int(fields.received ?? 1)
    .int(fields.required ?? 2)
}

/** §9 of native_protocol_v4.spec (0x1600 and 0x1700: §8 of v5). */
const rows: ReadonlyMap<number, ErrorRow> = new Map([
  [0x0000, plain('Server error', 'java.lang.RuntimeException: Something unexpected happened')],
  [0x000a, plain('Protocol error', 'Invalid message')],
  [0x0100, plain('Authentication error', 'Provided username cassandra and/or password are incorrect')],
  [
    0x1000,
    {
      name: 'Unavailable exception',
      message: 'Cannot achieve consistency level ONE',
      layout: '<cl [short]> <required [int]> <alive [int]>',
      write: (writer, fields) =>
        void writer
          .short(fields.consistency ?? 1)
          .int(fields.required ?? 2)
          .int(fields.alive ?? 1),
    },
  ],
  [0x1001, plain('Overloaded', 'Server is in overloaded state. Cannot accept more requests at this point')],
  [0x1002, plain('Is_bootstrapping', 'Cannot read from a bootstrapping node')],
  [0x1003, plain('Truncate_error', 'Error during truncate')],
  [
    0x1100,
    {
      name: 'Write_timeout',
      message: 'Operation timed out - received only 1 responses.',
      layout: '<cl [short]> <received [int]> <blockfor [int]> <writeType [string]>',
      write: (writer, fields) => void quorum(writer, fields).string(fields.writeType ?? 'SIMPLE'),
    },
  ],
  [
    0x1200,
    {
      name: 'Read_timeout',
      message: 'Operation timed out - received only 1 responses.',
      layout: '<cl [short]> <received [int]> <blockfor [int]> <data_present [byte]>',
      write: (writer, fields) => void quorum(writer, fields).byte(fields.dataPresent ? 1 : 0),
    },
  ],
  [
    0x1300,
    {
      name: 'Read_failure',
      message: 'Operation failed - received 1 responses and 1 failures',
      layout: '<cl [short]> <received [int]> <blockfor [int]> <numfailures [int]> <data_present [byte]>',
      write: (writer, fields) =>
        void quorum(writer, fields)
          .int(fields.failures ?? 1)
          .byte(fields.dataPresent ? 1 : 0),
    },
  ],
  [
    0x1400,
    {
      name: 'Function_failure',
      message: "execution of 'app.fn[int]' failed: java.lang.RuntimeException",
      layout: '<keyspace [string]> <function [string]> <arg_types [string list]>',
      write: (writer, fields) =>
        void writer
          .string(fields.keyspace ?? 'app')
          .string(fields.functionName ?? 'fn')
          .stringList(fields.argumentTypes ?? ['int']),
    },
  ],
  [
    0x1500,
    {
      name: 'Write_failure',
      message: 'Operation failed - received 1 responses and 1 failures',
      layout: '<cl [short]> <received [int]> <blockfor [int]> <numfailures [int]> <write_type [string]>',
      write: (writer, fields) =>
        void quorum(writer, fields)
          .int(fields.failures ?? 1)
          .string(fields.writeType ?? 'SIMPLE'),
    },
  ],
  [0x1600, plain('CDC_write_failure', 'Rejecting mutation to keyspace app. Free up space in cdc_raw')],
  [
    0x1700,
    {
      name: 'CAS_write_unknown',
      message: 'CAS operation result is unknown - proposal was not accepted by a quorum',
      layout: '<cl [short]> <received [int]> <blockfor [int]>',
      write: (writer, fields) => void quorum(writer, fields),
    },
  ],
  [0x2000, plain('Syntax_error', "line 1:0 no viable alternative at input 'SELEKT'")],
  [
    0x2100,
    plain('Unauthorized', 'User app has no SELECT permission on <table app.users> or any of its parents'),
  ],
  [0x2200, plain('Invalid', 'unconfigured table users')],
  [0x2300, plain('Config_error', 'Unable to find replication strategy class')],
  [
    0x2400,
    {
      name: 'Already_exists',
      message: 'Cannot add already existing table "users" to keyspace "app"',
      layout: '<ks [string]> <table [string]>',
      write: (writer, fields) => void writer.string(fields.keyspace ?? 'app').string(fields.table ?? 'users'),
    },
  ],
  [
    0x2500,
    {
      name: 'Unprepared',
      message: 'Prepared query with ID 00000000000000000000000000000000 not found',
      layout: '<id [short bytes]>',
      write: (writer, fields) => void writer.shortBytes(fields.statementId ?? new Uint8Array(16)),
    },
  ],
])

/** Every error code of the protocol, with its name, Cassandra's usual text, and the fields after it. */
export const cqlErrors: ReadonlyMap<number, CqlErrorKind> = rows

/** An error that a query hook may throw. The client gets it as ERROR. Any other thrown value becomes code 0x0000. */
export class CqlError extends Error {
  readonly fields: CqlErrorFields

  /**
   * @param code a key of `cqlErrors`
   * @param message default: Cassandra's usual text
   */
  constructor(
    readonly code: number,
    message?: string,
    fields?: CqlErrorFields,
  ) {
    const kind = cqlErrors.get(code)
    if (kind === undefined) throw new RangeError(`0x${code.toString(16)} is not a CQL error code`)
    super(message ?? kind.message)
    this.name = 'CqlError'
    this.fields = readOptions(cqlErrorFieldsBag, fields)
  }
}

/** The body of ERROR: <code [int]> <message [string]> and the fields of the code's row. */
export function errorBody(code: number, message: string, fields: CqlErrorFields = {}): Buffer {
  const writer = new BodyWriter().int(code).shortBytes(Buffer.from(message, 'utf8').subarray(0, 0xffff))
  rows.get(code)?.write(writer, fields)
  return writer.done()
}
