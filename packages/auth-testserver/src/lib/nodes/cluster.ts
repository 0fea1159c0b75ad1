import { createHash } from 'node:crypto'
import type { ProtocolVersion } from '../wire/protocol.js'
import { isDse } from '../wire/protocol.js'

/** One node as its system tables describe it. */
export interface ClusterNode {
  address: string
  hostId: string
  token: string
}

/** The facts that all nodes share. */
export interface Cluster {
  nodes: readonly ClusterNode[]
  port: number
  name: string
  dataCenter: string
  releaseVersion: string
  dseVersion?: string
  protocolVersions: readonly ProtocolVersion[]
  schemaVersion: string
  /** The test's own keyspaces, in addition to Cassandra's. */
  keyspaces: readonly string[]
}

/** A release that supports these versions, so that the driver's choice of version and schema queries fits. */
export function releaseFor(versions: readonly ProtocolVersion[]): {
  releaseVersion: string
  dseVersion?: string
} {
  const greatest = Math.max(...versions)
  if (greatest === 0x42) return { releaseVersion: '4.0.0.6850', dseVersion: '6.8.50' }
  if (greatest === 0x41) return { releaseVersion: '3.11.3.5148', dseVersion: '5.1.48' }
  const releases = ['1.2.19', '2.0.17', '2.1.22', Math.min(...versions) < 3 ? '2.2.19' : '5.0.9']
  return { releaseVersion: releases[greatest - 1] ?? '5.0.9' }
}

/** Cassandra's text for a version that it does not support. 4.0 changed it. */
export function invalidVersionMessage(
  version: number,
  { releaseVersion, protocolVersions }: Cluster,
): string {
  const start = `Invalid or unsupported protocol version (${version}); `
  if (Number.parseInt(releaseVersion, 10) >= 4) {
    return `${start}supported versions are (${versionNames(protocolVersions).join(', ')})`
  }
  return `${start}the lowest supported version is ${Math.min(...protocolVersions)} and the greatest is ${Math.max(...protocolVersions)}`
}

/** Versions as SUPPORTED and error messages name them: `4/v4`, `66/dse-v2`. */
export function versionNames(versions: readonly ProtocolVersion[]): string[] {
  return versions.map((version) =>
    isDse(version) ? `${version}/dse-v${version - 0x40}` : `${version}/v${version}`,
  )
}

/** Nodes with evenly spread tokens and host ids that are the same in every run. */
export function clusterNodes(addresses: readonly string[]): ClusterNode[] {
  const step = 2n ** 64n / BigInt(addresses.length)
  return addresses.map((address, index) => ({
    address,
    hostId: stableUuid(`host:${index}`),
    token: String(-(2n ** 63n) + step * BigInt(index)),
  }))
}

/** A version 4 UUID made from a name. */
export function stableUuid(name: string): string {
  const hash = createHash('sha256').update(name).digest()
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x40
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80
  const hex = hash.toString('hex', 0, 16)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
