import type { Client } from 'cassandra-driver'
import { authError } from '../../errors.js'
import type { ProviderRecord } from '../../provider-record.js'
import { quotable } from '../../quotable.js'
import { isInUse } from '../client/hosts-in-use.js'
import { openLogins } from '../client/open-logins.js'
import { routesByName } from '../client/routes-by-name.js'
import type { MigrationBook, NodeSeen, WaySeen } from './migration-book.js'

/** The part of a Client that is needed. */
export type MigratingClient = Pick<Client, 'getState' | 'hosts'> & { readonly options?: unknown }

/**
 * How a node answers. `new-way`: it asks for the new way, and a login by it has succeeded since. `new-way-unproven`: it
 * asks for it, and none has succeeded yet. `old-way`: it asks for the old way. `neither-way`: it asks for an
 * authenticator of neither. `asks-nobody`: there are connections to it, and it asked for a login on none of them: with
 * a profile of @x/tls-profiles, on none that are open; without one, on none that ever were. `not-seen`: there was no
 * connection to it. `not-used`: the policies of the clients ignore it, for example because it is in another data
 * center.
 */
export type MigrationNodeState =
  | 'new-way'
  | 'new-way-unproven'
  | 'old-way'
  | 'neither-way'
  | 'asks-nobody'
  | 'not-seen'
  | 'not-used'

/** Logins of one way at one node, of all clients that have this provider. */
export interface MigrationLogins {
  /** Those that succeeded. */
  readonly logins: number
  readonly lastLoginAt: Date | undefined
}

/** One node of the cluster. */
export interface MigrationNode {
  /** `ip:port`, as the driver has it. */
  readonly endpoint: string
  readonly state: MigrationNodeState
  /** The class name that it sent at its last login; undefined if it never asked for one. */
  readonly authenticator: string | undefined
  readonly askedAt: Date | undefined
  readonly newWay: MigrationLogins
  readonly oldWay: MigrationLogins
  /** Logins by the old way that were withheld because it is closed. */
  readonly withheld: number
}

/** How far a migration has come. */
export interface MigrationStatus {
  /** The whole in words: `2 of 3 nodes use SCRAM-SHA-256; 10.0.0.3:9042 still asks for a password. The old way is open.` */
  readonly sentence: string
  readonly oldWay: 'open' | 'closed'
  /** Each node that the clients use is in the state `new-way`, and there is one at least: the old way can be closed. */
  readonly oldWayUnused: boolean
  /** How many nodes are in each state. */
  readonly counts: Readonly<Record<MigrationNodeState, number>>
  /** The nodes that the clients know, in the order of their addresses. */
  readonly nodes: readonly MigrationNode[]
}

export interface MigrationFacts {
  readonly book: MigrationBook
  readonly oldWay: 'open' | 'closed'
  /** Whether the old way is closed to each node that has accepted the new one. */
  readonly ratchets: boolean
  /** Of the two ways, and of the migration itself. */
  readonly records: Readonly<Record<'old' | 'new' | 'whole', ProviderRecord | undefined>>
}

/** The open connections of the clients to one node. */
interface Connections {
  readonly open: number
  /** Those that logged in; undefined if that cannot be seen. */
  readonly loggedIn: number | undefined
}

/** Which node is how, for the nodes that these clients know now. Errors: OPTION_INVALID, CANNOT_TELL. */
export function migrationStatus(facts: MigrationFacts, clients: readonly MigratingClient[]): MigrationStatus {
  const { book, oldWay } = facts
  const nodes = [...connectionsOf(clients, facts.records.whole)]
    .map(([endpoint, connections]) => nodeOf(endpoint, connections, book.at(endpoint)))
    .sort((a, b) => a.endpoint.localeCompare(b.endpoint, 'en', { numeric: true }))
  const counts = Object.fromEntries(
    Object.keys(words).map((state) => [state, nodes.filter((node) => node.state === state).length]),
  ) as Record<MigrationNodeState, number>
  const used = nodes.length - counts['not-used']
  const oldWayUnused = used > 0 && counts['new-way'] === used
  return { sentence: sentenceOf(nodes, used, oldWayUnused, facts), oldWay, oldWayUnused, counts, nodes }
}

/** The connections to each node; undefined if the clients do not use it. */
function connectionsOf(
  clients: readonly MigratingClient[],
  record: ProviderRecord | undefined,
): ReadonlyMap<string, Connections | undefined> {
  const connections = new Map<string, Connections | undefined>()
  // A call without a client fails in the same way.
  for (const client of clients.length > 0 ? clients : [undefined]) {
    if (typeof client?.getState !== 'function') throw noClient('status takes a Client, or several')
    if (routesByName(client.options)) {
      throw authError(
        'CANNOT_TELL',
        'All servers share one address behind a proxy that routes by name (cloud, SNI).',
      )
    }
    const state = client.getState()
    const loginsAt = openLogins(client.options, record)
    for (const host of client.hosts.values()) {
      const before = connections.get(host.address)
      const here = { open: state.getOpenConnections(host), loggedIn: loginsAt?.(host.address) }
      connections.set(host.address, isInUse(client.options, host) ? sum(before, here) : before)
    }
  }
  if (connections.size === 0) throw noClient('the clients know no node yet; call connect() first')
  return connections
}

function sum(before: Connections | undefined, here: Connections): Connections {
  if (!before) return here
  const isSeen = before.loggedIn !== undefined && here.loggedIn !== undefined
  return {
    open: before.open + here.open,
    loggedIn: isSeen ? Number(before.loggedIn) + Number(here.loggedIn) : undefined,
  }
}

function noClient(problem: string) {
  return authError('OPTION_INVALID', `The status of a migration: ${problem}.`)
}

function nodeOf(
  endpoint: string,
  connections: Connections | undefined,
  seen: NodeSeen | undefined,
): MigrationNode {
  return {
    endpoint,
    state: stateOf(connections, seen),
    authenticator: seen && quotable(seen.authenticator),
    askedAt: dateOf(seen?.askedAt),
    newWay: loginsOf(seen?.new),
    oldWay: loginsOf(seen?.old),
    withheld: seen?.withheld ?? 0,
  }
}

function stateOf(connections: Connections | undefined, seen: NodeSeen | undefined): MigrationNodeState {
  if (connections === undefined) return 'not-used'
  const { open, loggedIn } = connections
  if (open > 0 && (loggedIn === 0 || !seen)) return 'asks-nobody'
  if (!seen) return 'not-seen'
  if (seen.asked === 'old') return 'old-way'
  if (seen.asked === undefined) return 'neither-way'
  return seen.proven ? 'new-way' : 'new-way-unproven'
}

function loginsOf(seen: WaySeen | undefined): MigrationLogins {
  return { logins: seen?.logins ?? 0, lastLoginAt: dateOf(seen?.lastLoginAt) }
}

function dateOf(time: number | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time)
}

/** What the text says about the nodes in a state; undefined: nothing. `s`: the end of a verb of one. */
const words: Readonly<
  Record<MigrationNodeState, ((s: string, to: Readonly<Record<'old' | 'new', string>>) => string) | undefined>
> = {
  'new-way': undefined,
  'new-way-unproven': (s, to) => `ask${s} for ${to.new}, and no login has succeeded`,
  'old-way': (s, to) => `still ask${s} for ${to.old}`,
  'neither-way': (s) => `ask${s} for an authenticator of neither way`,
  'asks-nobody': (s) => `let${s} clients in without a login`,
  'not-seen': (s) => `${s ? 'was' : 'were'} never connected to`,
  'not-used': undefined,
}

/** Nodes that the text names; if there are more, their number. */
const mostNamed = 5

function sentenceOf(
  nodes: readonly MigrationNode[],
  used: number,
  oldWayUnused: boolean,
  { book, records, oldWay, ratchets }: MigrationFacts,
): string {
  const to = { old: nameOf(records.old, 'the old way'), new: nameOf(records.new, 'the new way') }
  const migrated = nodes.filter(({ state }) => state === 'new-way').length
  const others = Object.entries(words).flatMap(([state, say]) => {
    const here = nodes.filter((node) => node.state === state).map(({ endpoint }) => endpoint)
    return say && here.length > 0 ? [`${listed(here)} ${say(here.length === 1 ? 's' : '', to)}`] : []
  })
  const found = [`${migrated} of ${used} ${used === 1 ? 'node uses' : 'nodes use'} ${to.new}`, ...others]
  const canClose = oldWay === 'open' && oldWayUnused ? ' and can be closed' : ''
  const isRatcheted = ({ endpoint, state }: MigrationNode) =>
    state === 'old-way' && book.at(endpoint)?.ratcheted === true
  const ratcheted = oldWay === 'open' && ratchets ? nodes.filter(isRatcheted) : []
  const exceptTo =
    ratcheted.length > 0
      ? `, and closed to ${listed(ratcheted.map(({ endpoint }) => endpoint))} (ratchetPerNode)`
      : ''
  return `${found.join('; ')}. The old way is ${oldWay}${canClose}${exceptTo}.`
}

function listed(endpoints: readonly string[]): string {
  if (endpoints.length > mostNamed) {
    return `${endpoints.slice(0, mostNamed).join(', ')} and ${endpoints.length - mostNamed} more`
  }
  return [endpoints.slice(0, -1).join(', '), endpoints.at(-1)].filter((part) => part !== '').join(' and ')
}

const plainNames: Readonly<Record<string, string>> = { PLAIN: 'a password', EXTERNAL: 'a certificate' }

/** The usual name, if that is not its IANA name. */
function nameOf(record: ProviderRecord | undefined, otherwise: string): string {
  const names = record?.mechanisms.map((name) => plainNames[name] ?? name) ?? []
  return names.length > 0 ? names.join(' or ') : otherwise
}
