import { type Address, dial } from '../protocol/dial.js'
import type { Run } from '../run.js'
import { reasonNotToAsk } from './peer-address.js'

/**
 * ScyllaDB announces a second port, on which a client chooses the shard by its own port number:
 * https://github.com/scylladb/scylladb/blob/master/docs/dev/protocol-extensions.md. Says whether it is open; undefined if the server announces
 * none.
 */
export async function shardPortOf(
  run: Run,
  at: Address,
  supported: Readonly<Record<string, readonly string[]>>,
  tls: boolean,
): Promise<string | undefined> {
  const announced = supported[`SCYLLA_SHARD_AWARE_PORT${tls ? '_SSL' : ''}`]?.[0]
  if (announced === undefined) return undefined
  const port = /^\d{1,5}$/.test(announced) ? Number(announced) : 0
  const { address } = at
  // A stranger may have written this port.
  if (reasonNotToAsk({ address, port }, address) !== undefined) return `${announced}, not asked`
  run.progress('asking for the port for shards')
  const dialled = await dial({ address, port }, run.budget)
  if (dialled.kind === 'open') dialled.socket.destroy()
  if (dialled.kind === 'spent') return `${announced}, not asked`
  if (dialled.kind === 'open') return `${announced}, open`
  const code = dialled.kind === 'failed' ? (dialled.error.code ?? 'failed') : 'no answer'
  run.findings.add('SHARD_PORT_UNREACHABLE', `${address} port ${port}: ${code}`)
  return `${announced}, closed`
}
