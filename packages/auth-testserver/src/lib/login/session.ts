import { CqlError } from '../../cql-errors.js'
import type { EventHub } from '../../events.js'
import type { QueryHook } from '../../query.js'
import type { Cluster } from '../nodes/cluster.js'
import { versionNames } from '../nodes/cluster.js'
import { hookRows } from '../query/hook-rows.js'
import type { Scope } from '../query/statements.js'
import { describe, execute, statementId } from '../query/statements.js'
import { keyspaceNames } from '../query/system-tables.js'
import type { Table } from '../query/table.js'
import type { Frame } from '../wire/frame.js'
import { ProtocolViolation } from '../wire/protocol.js'
import { readExecute, readPrepare, readQuery } from '../wire/requests.js'
import { preparedResult, rowsResult, setKeyspaceResult, voidResult } from '../wire/result.js'
import { BodyReader, BodyWriter } from '../wire/wire.js'
import type { Channel } from './channel.js'

export interface SessionHost {
  cluster: Cluster
  events: EventHub
  tables: ReadonlyMap<string, Table>
  query: QueryHook | undefined
  /** Statements prepared on this node, by hexadecimal id. */
  prepared: Map<string, string>
}

const eventTypes = ['TOPOLOGY_CHANGE', 'STATUS_CHANGE', 'SCHEMA_CHANGE']

/** The limit of prepared statements. A node forgets the oldest first, as Cassandra's cache does. */
const mostPrepared = 1000

/** The requests of a client after its login, and OPTIONS. */
export class Session {
  /** Events that the client has registered for. */
  readonly registered = new Set<string>()
  readonly #channel: Channel
  readonly #host: SessionHost
  readonly #supported: Readonly<Record<string, readonly string[]>>
  #keyspace: string | undefined

  /** `supported`: further entries of SUPPORTED. */
  constructor(
    channel: Channel,
    host: SessionHost,
    supported: Readonly<Record<string, readonly string[]>> = {},
  ) {
    this.#channel = channel
    this.#host = host
    this.#supported = supported
  }

  options(frame: Frame): void {
    this.#channel.note(frame)
    const supported = {
      CQL_VERSION: ['3.4.7'],
      COMPRESSION: [],
      PROTOCOL_VERSIONS: versionNames(this.#host.cluster.protocolVersions),
      ...this.#supported,
    }
    this.#channel.send('SUPPORTED', new BodyWriter().stringMultimap(supported).done(), frame.stream)
  }

  register(frame: Frame): void {
    this.#channel.note(frame)
    const types = new BodyReader(frame.body).stringList()
    const unknown = types.find((type) => !eventTypes.includes(type))
    if (unknown !== undefined) throw new ProtocolViolation(`Invalid value '${unknown}' for Type`)
    for (const type of types) this.registered.add(type)
    this.#channel.send('READY', Buffer.alloc(0), frame.stream)
  }

  async query(frame: Frame): Promise<void> {
    const { cql, values } = readQuery(frame)
    this.#channel.note(frame, { cql })
    await this.#run(cql, values, frame)
  }

  async execute(frame: Frame): Promise<void> {
    const { id, values } = readExecute(frame)
    const hex = id.toString('hex')
    const cql = this.#host.prepared.get(hex)
    this.#channel.note(frame, cql === undefined ? {} : { cql })
    if (cql === undefined) {
      throw new CqlError(0x2500, notPrepared(hex), { statementId: id })
    }
    await this.#run(cql, values, frame)
  }

  prepare(frame: Frame): void {
    const cql = readPrepare(frame)
    this.#channel.note(frame, { cql })
    this.#host.events.emit('query', { connection: this.#channel.info, cql })
    const { bound, result } = describe(cql, this.#scope(), this.#host.query !== undefined)
    const id = statementId(cql)
    this.#remember(id.toString('hex'), cql)
    this.#channel.send('RESULT', preparedResult(id, bound, result, frame.version), frame.stream)
  }

  /** BATCH is refused, because the server has nothing to write to. */
  batch(frame: Frame): never {
    this.#channel.note(frame)
    throw new CqlError(0x2200, 'The test server itself does not run BATCH')
  }

  async #run(cql: string, values: readonly (Buffer | null)[], frame: Frame): Promise<void> {
    const { events, query } = this.#host
    const { info } = this.#channel
    events.emit('query', { connection: info, cql })
    const answer = await query?.(cql, info, values)
    if (this.#channel.signal.aborted) return
    this.#channel.send(
      'RESULT',
      answer === undefined ? this.#own(cql, values) : this.#hooked(answer),
      frame.stream,
    )
  }

  #hooked(answer: NonNullable<Awaited<ReturnType<QueryHook>>>): Buffer {
    const rows = hookRows(answer)
    return rows === undefined ? voidResult() : rowsResult(rows, this.#channel.info.protocolVersion)
  }

  #own(cql: string, values: readonly (Buffer | null)[]): Buffer {
    const outcome = execute(cql, this.#scope(), values)
    if ('rows' in outcome) return rowsResult(outcome.rows, this.#channel.info.protocolVersion)
    this.#keyspace = outcome.keyspace
    return setKeyspaceResult(outcome.keyspace)
  }

  #scope(): Scope {
    const { tables, cluster } = this.#host
    const version = this.#channel.info.protocolVersion
    return { tables, keyspaces: keyspaceNames(cluster), keyspace: this.#keyspace, version }
  }

  #remember(id: string, cql: string): void {
    const { prepared } = this.#host
    prepared.set(id, cql)
    const oldest = prepared.keys().next().value
    if (prepared.size > mostPrepared && oldest !== undefined) prepared.delete(oldest)
  }
}

function notPrepared(id: string): string {
  return (
    `Prepared query with ID ${id} not found (either the query was not prepared on this host ` +
    '(maybe the host has been restarted?) or you have prepared too many queries and it has been evicted from the internal cache)'
  )
}
