import type { Cluster, ClusterNode } from '../nodes/cluster.js'
import { emptyTables, legacySchema, replications, schemaTables } from './schema-tables.js'
import type { Columns, Table } from './table.js'
import { table } from './table.js'

/** All tables of a node, by `keyspace.table`. */
export function systemTables(cluster: Cluster, node: ClusterNode): Map<string, Table> {
  const legacy = Number.parseInt(cluster.releaseVersion, 10) < 3
  const topology = [localTable(cluster, node), peersTable(cluster, node)]
  const own = legacy ? [...topology, ...legacySchema(cluster)] : [...topology, ...emptyTables]
  const all = legacy ? own : [...own, ...schemaTables(cluster, own)]
  return new Map(all.map((each) => [`${each.keyspace}.${each.table}`, each]))
}

function nodeColumns(cluster: Cluster, node: ClusterNode): Record<string, unknown> {
  return {
    data_center: cluster.dataCenter,
    rack: 'rack1',
    host_id: node.hostId,
    release_version: cluster.releaseVersion,
    rpc_address: node.address,
    schema_version: cluster.schemaVersion,
    tokens: [node.token],
    ...(cluster.dseVersion === undefined
      ? {}
      : { dse_version: cluster.dseVersion, workloads: ['Cassandra'] }),
  }
}

const nodeTypes: Columns = {
  data_center: 'text',
  host_id: 'uuid',
  rack: 'text',
  release_version: 'text',
  rpc_address: 'inet',
  schema_version: 'uuid',
  tokens: { set: 'text' },
}
const dseTypes: Columns = { dse_version: 'text', workloads: { set: 'text' } }

function localTable(cluster: Cluster, node: ClusterNode): Table {
  const { port, protocolVersions } = cluster
  const types: Columns = {
    key: 'text',
    bootstrapped: 'text',
    broadcast_address: 'inet',
    broadcast_port: 'int',
    cluster_name: 'text',
    cql_version: 'text',
    gossip_generation: 'int',
    listen_address: 'inet',
    listen_port: 'int',
    native_protocol_version: 'text',
    partitioner: 'text',
    rpc_port: 'int',
    ...nodeTypes,
    ...(cluster.dseVersion === undefined ? {} : dseTypes),
  }
  const row = {
    key: 'local',
    bootstrapped: 'COMPLETED',
    broadcast_address: node.address,
    broadcast_port: 7000,
    cluster_name: cluster.name,
    cql_version: '3.4.7',
    gossip_generation: 1,
    listen_address: node.address,
    listen_port: 7000,
    native_protocol_version: String(Math.max(...protocolVersions)),
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
    rpc_port: port,
    ...nodeColumns(cluster, node),
  }
  return table('system.local', [['key'], []], types, [row])
}

function peersTable(cluster: Cluster, node: ClusterNode): Table {
  const types: Columns = {
    peer: 'inet',
    preferred_ip: 'inet',
    ...nodeTypes,
    ...(cluster.dseVersion === undefined ? {} : dseTypes),
  }
  const rows = cluster.nodes
    .filter((peer) => peer.address !== node.address)
    .map((peer) => ({ peer: peer.address, ...nodeColumns(cluster, peer) }))
  return table('system.peers', [['peer'], []], types, rows)
}

/** All keyspaces that USE accepts. */
export function keyspaceNames(cluster: Cluster): string[] {
  return replications(cluster).map(([name]) => name)
}
