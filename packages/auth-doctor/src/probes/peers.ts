import { X509Certificate } from 'node:crypto'
import { quotable } from '@x/auth-core/base'
import type { Address } from '../protocol/dial.js'
import { encodeFrame } from '../protocol/frames.js'
import { open } from '../protocol/open.js'
import type { Row } from '../protocol/rows.js'
import { BodyReader, stringMap } from '../protocol/values.js'
import type { Wire } from '../protocol/wire.js'
import type { NodeReport } from '../report.js'
import type { Run } from '../run.js'
import type { Entrance } from './authenticator.js'
import { namePolicies } from './names.js'
import { reasonNotToAsk } from './peer-address.js'
import { rowsIfAny, textIn } from './query.js'

const columns = 'data_center, release_version'

/**
 * The nodes that the first node knows of, itself first. Each one gets its own connection, without credentials. For the addresses that are not
 * asked, see peer-address.ts.
 */
export async function nodesOf(run: Run, wire: Wire, entrance: Entrance): Promise<readonly NodeReport[]> {
  run.progress('asking for the other nodes')
  const { version, at } = entrance
  const [local] = await rowsIfAny(run, wire, version, `SELECT ${columns} FROM system.local`)
  const peers = othersIn(run, await peersIn(run, wire, version, at), at)
  const limit = run.given.nodes
  if (peers.length > limit)
    run.findings.add(
      'NODES_NOT_ALL_SEEN',
      `${peers.length + 1} nodes; the limit is ${limit} beside the given one.`,
    )
  const nodes: NodeReport[] = [await look(run, entrance, local, at)]
  for (const { row, ...peer } of peers.slice(0, limit)) nodes.push(await look(run, entrance, row, peer))
  compare(run, nodes)
  return nodes
}

interface Peer extends Address {
  readonly row: Row
}

/** Each node once, without the node that was asked first, and without those that must not be asked. */
function othersIn(run: Run, rows: readonly Row[], at: Address): readonly Peer[] {
  if (at.servername !== undefined) return behindProxy(rows, at)
  const seen = new Set([`${at.address} ${at.port}`])
  return rows.flatMap((row) => {
    const address = textIn(row, 'native_address') ?? textIn(row, 'rpc_address')
    if (address === undefined) return []
    const said = row['native_port']
    const port = typeof said === 'number' && said > 0 ? said : at.port
    const key = `${address} ${port}`
    if (seen.has(key)) return []
    seen.add(key)
    const reason = reasonNotToAsk({ address, port }, at.address)
    if (reason === undefined) return [{ row, address, port }]
    // Only the first one is reported: a table of thousands would fill the page.
    if (!run.findings.has('NODE_NOT_ASKED'))
      run.findings.add('NODE_NOT_ASKED', `${quotable(address, 60)} port ${port}. ${reason}`)
    return []
  })
}

/** Behind a proxy all nodes have one address, and the id of a node is its name, as for the driver. */
function behindProxy(rows: readonly Row[], at: Address): readonly Peer[] {
  const ids = new Set([at.servername])
  return rows.flatMap((row) => {
    const servername = textIn(row, 'host_id')
    if (servername === undefined || ids.has(servername)) return []
    ids.add(servername)
    return [{ ...at, row, servername }]
  })
}

/** peers_v2 exists since 4.0, and has the port. */
async function peersIn(run: Run, wire: Wire, version: number, at: Address): Promise<readonly Row[]> {
  if (at.servername !== undefined)
    return rowsIfAny(run, wire, version, `SELECT host_id, ${columns} FROM system.peers`)
  const named = await rowsIfAny(
    run,
    wire,
    version,
    `SELECT native_address, native_port, ${columns} FROM system.peers_v2`,
  )
  return named.length > 0
    ? named
    : rowsIfAny(run, wire, version, `SELECT rpc_address, ${columns} FROM system.peers`)
}

async function look(run: Run, entrance: Entrance, row: Row | undefined, at: Address): Promise<NodeReport> {
  const seen = await knock(run, { ...entrance, at })
  const release = textIn(row, 'release_version')
  const dataCenter = textIn(row, 'data_center')
  return {
    address: at.address,
    port: at.port,
    servername: at.servername,
    dataCenter: dataCenter && quotable(dataCenter),
    releaseVersion: release && quotable(release),
    ...seen,
  }
}

async function knock(
  run: Run,
  { at, tls, version }: Entrance,
): Promise<
  Pick<
    NodeReport,
    'reachable' | 'authenticator' | 'certificate' | 'nameIsAddress' | 'hostnamePolicies' | 'chainIsTrusted'
  >
> {
  const nothing = {
    authenticator: undefined,
    certificate: undefined,
    nameIsAddress: undefined,
    hostnamePolicies: [],
    chainIsTrusted: undefined,
  }
  if (run.budget.isSpent) return { reachable: undefined, ...nothing }
  run.progress(`asking ${at.address}`)
  // A name that does not fit is a difference to show, not a reason to stop.
  const lenient = tls && { ...tls, rejectUnauthorized: false, checkServerIdentity: () => undefined }
  const opened = await open(at, lenient, run.budget)
  if (opened.kind !== 'open')
    return { reachable: opened.kind === 'spent' ? undefined : opened.kind === 'refused', ...nothing }
  const { wire } = opened
  const raw = opened.tls?.socket.getPeerCertificate().raw
  const certificate = raw && new X509Certificate(raw)
  wire.write(encodeFrame(version, 'STARTUP', stringMap({ CQL_VERSION: '3.0.0' })))
  const answer = await wire.answer()
  wire.close()
  return {
    reachable: true,
    authenticator: answer.kind === 'frame' ? nameIn(answer.frame) : undefined,
    certificate: certificate?.fingerprint256,
    nameIsAddress: certificate && certificate.checkIP(at.address) !== undefined,
    hostnamePolicies: certificate
      ? namePolicies(certificate, {
          address: at.address,
          host: run.given.target.host,
          servername: run.given.servername,
        }).policies
      : [],
    chainIsTrusted: opened.tls?.socket.authorized,
  }
}

function nameIn({ opcode, body }: { opcode: unknown; body: Buffer }): string | null | undefined {
  if (opcode === 'READY') return null
  if (opcode !== 'AUTHENTICATE') return undefined
  try {
    return quotable(new BodyReader(body).string())
  } catch {
    return undefined
  }
}

/** Compares with the given node: a difference can make a login work on one node and fail on another. */
function compare({ findings }: Run, [first, ...others]: readonly NodeReport[]): void {
  for (const node of others) {
    const where = node.servername ?? `${node.address} port ${node.port}`
    if (node.reachable === false) findings.add('NODE_UNREACHABLE', where)
    if (!first || node.reachable !== true) continue
    if (node.authenticator !== first.authenticator) {
      findings.add(
        'NODE_DIFFERS',
        `${where}: its authenticator is ${node.authenticator ?? 'none'}, elsewhere ${first.authenticator ?? 'none'}.`,
      )
    }
    if (node.nameIsAddress !== first.nameIsAddress) {
      const has = (is: boolean | undefined) => (is ? 'has its address' : 'does not have its address')
      findings.add(
        'NODE_DIFFERS',
        `${where}: its certificate ${has(node.nameIsAddress)}, that of ${first.address} ${has(first.nameIsAddress)}.`,
      )
    }
    if (
      isNamed(first) &&
      isNamed(node) &&
      passing(node).every((policy) => !passing(first).includes(policy))
    ) {
      findings.add(
        'NODE_DIFFERS',
        `${where}: no single name is valid there and at ${first.address}: \`hostname\` must be a map or a function from address to name. Names that are valid there: ${passing(node).join(', ') || 'none'}.`,
      )
    }
    if (first.chainIsTrusted && node.chainIsTrusted === false)
      findings.add(
        'NODE_DIFFERS',
        `${where}: its certificate does not come from a trusted CA, that of ${first.address} does.`,
      )
    if (node.releaseVersion !== first.releaseVersion) {
      findings.add(
        'NODE_DIFFERS',
        `${where}: its version is ${node.releaseVersion ?? 'unknown'}, elsewhere ${first.releaseVersion ?? 'unknown'}.`,
        { severity: 'note' },
      )
    }
  }
}

/** Whether its certificate has names but not its address: another finding reports that difference. */
function isNamed({ nameIsAddress, hostnamePolicies }: NodeReport): boolean {
  return nameIsAddress === false && hostnamePolicies.length > 0
}

/** Values of `hostname` that pass at a node, without the one that always passes. */
function passing({ hostnamePolicies }: NodeReport): readonly string[] {
  return hostnamePolicies
    .filter(({ policy, passes }) => passes && policy !== 'false')
    .map(({ policy }) => policy)
}
