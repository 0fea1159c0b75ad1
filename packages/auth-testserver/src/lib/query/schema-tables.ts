import type { Cluster } from '../nodes/cluster.js'
import { typeName } from '../wire/cql-types.js'
import type { Table } from './table.js'
import { strings, table } from './table.js'

/** Cassandra's own keyspaces (local ones first) and those of the test. */
export function replications(cluster: Cluster): [keyspace: string, replication: Record<string, string>][] {
  const prefix = 'org.apache.cassandra.locator.'
  const simple = (factor: number) => ({
    class: `${prefix}SimpleStrategy`,
    replication_factor: String(factor),
  })
  return [
    ['system', { class: `${prefix}LocalStrategy` }],
    ['system_schema', { class: `${prefix}LocalStrategy` }],
    ['system_auth', simple(1)],
    ['system_distributed', simple(3)],
    ['system_traces', simple(2)],
    ...cluster.keyspaces.map((name): [string, Record<string, string>] => [name, simple(1)]),
  ]
}

const keyed = { keyspace_name: 'text', table_name: 'text' } as const
const byName = (second: string) => [['keyspace_name'], [second]] as const

/** Tables that the driver reads and that are empty here. */
export const emptyTables: Table[] = [
  table(
    'system_schema.types',
    byName('type_name'),
    {
      keyspace_name: 'text',
      type_name: 'text',
      field_names: { list: 'text' },
      field_types: { list: 'text' },
    },
    [],
  ),
  table(
    'system_schema.indexes',
    [['keyspace_name'], ['table_name', 'index_name']],
    { ...keyed, index_name: 'text', kind: 'text', options: strings },
    [],
  ),
  table(
    'system_schema.functions',
    [['keyspace_name'], ['function_name', 'argument_types']],
    { keyspace_name: 'text', function_name: 'text', argument_types: { list: 'text' }, body: 'text' },
    [],
  ),
  table(
    'system_schema.aggregates',
    [['keyspace_name'], ['aggregate_name', 'argument_types']],
    { keyspace_name: 'text', aggregate_name: 'text', argument_types: { list: 'text' }, state_func: 'text' },
    [],
  ),
  table(
    'system_schema.views',
    byName('view_name'),
    { keyspace_name: 'text', view_name: 'text', base_table_name: 'text' },
    [],
  ),
  table('system_virtual_schema.keyspaces', [['keyspace_name'], []], { keyspace_name: 'text' }, []),
  table('system_virtual_schema.tables', byName('table_name'), { ...keyed, comment: 'text' }, []),
  table(
    'system_virtual_schema.columns',
    [['keyspace_name'], ['table_name', 'column_name']],
    { ...keyed, column_name: 'text', kind: 'text', position: 'int', type: 'text', clustering_order: 'text' },
    [],
  ),
  table(
    'system_traces.sessions',
    [['session_id'], []],
    { session_id: 'uuid', client: 'inet', command: 'text', coordinator: 'inet', duration: 'int' },
    [],
  ),
  table(
    'system_traces.events',
    [['session_id'], ['event_id']],
    { session_id: 'uuid', event_id: 'timeuuid', activity: 'text', source: 'inet', source_elapsed: 'int' },
    [],
  ),
]

/** system_schema (Cassandra 3.0 and later) describes the tables of this file. */
export function schemaTables(cluster: Cluster, described: readonly Table[]): Table[] {
  const keyspaces = table(
    'system_schema.keyspaces',
    [['keyspace_name'], []],
    { keyspace_name: 'text', durable_writes: 'boolean', replication: strings },
    replications(cluster).map(([name, replication]) => ({
      keyspace_name: name,
      durable_writes: true,
      replication,
    })),
  )
  const all = [keyspaces, ...described].filter((each) => each.keyspace !== 'system_virtual_schema')
  return [keyspaces, tablesTable(all), columnsTable(all)]
}

function tablesTable(described: readonly Table[]): Table {
  return table(
    'system_schema.tables',
    byName('table_name'),
    {
      ...keyed,
      bloom_filter_fp_chance: 'double',
      caching: strings,
      comment: 'text',
      compaction: strings,
      compression: strings,
      default_time_to_live: 'int',
      flags: { set: 'text' },
      gc_grace_seconds: 'int',
      id: 'uuid',
    },
    described.map((each) => ({
      keyspace_name: each.keyspace,
      table_name: each.table,
      bloom_filter_fp_chance: 0.01,
      caching: { keys: 'ALL', rows_per_partition: 'NONE' },
      comment: '',
      compaction: { class: 'org.apache.cassandra.db.compaction.SizeTieredCompactionStrategy' },
      compression: {},
      default_time_to_live: 0,
      flags: ['compound'],
      gc_grace_seconds: 0,
    })),
  )
}

function columnsTable(described: readonly Table[]): Table {
  return table(
    'system_schema.columns',
    [['keyspace_name'], ['table_name', 'column_name']],
    { ...keyed, column_name: 'text', clustering_order: 'text', kind: 'text', position: 'int', type: 'text' },
    described.flatMap((each) =>
      each.columns.map((column) => ({
        keyspace_name: each.keyspace,
        table_name: each.table,
        column_name: column.name,
        type: typeName(column.type),
        ...place(each, column.name),
      })),
    ),
  )
}

function place(each: Table, column: string): Record<string, unknown> {
  const partition = each.partitionKey.indexOf(column)
  if (partition >= 0) return { kind: 'partition_key', position: partition, clustering_order: 'none' }
  const clustering = each.clusteringKey.indexOf(column)
  if (clustering >= 0) return { kind: 'clustering', position: clustering, clustering_order: 'asc' }
  return { kind: 'regular', position: -1, clustering_order: 'none' }
}

/** Before 3.0 keyspaces are in system.schema_keyspaces, with options in JSON. */
export function legacySchema(cluster: Cluster): Table[] {
  const columns = {
    keyspace_name: 'text',
    durable_writes: 'boolean',
    strategy_class: 'text',
    strategy_options: 'text',
  } as const
  const rows = replications(cluster)
    .filter(([name]) => name !== 'system_schema')
    .map(([name, { class: strategy, ...options }]) => ({
      keyspace_name: name,
      durable_writes: true,
      strategy_class: strategy,
      strategy_options: JSON.stringify(options),
    }))
  const families = { keyspace_name: 'text', columnfamily_name: 'text', comment: 'text' } as const
  return [
    table('system.schema_keyspaces', [['keyspace_name'], []], columns, rows),
    table('system.schema_columnfamilies', byName('columnfamily_name'), families, []),
  ]
}
