import { takesAllOf } from './authenticator-pattern.js'
import type { Clock } from './clock.js'
import { type MigrationEvent, oldWayNoticed } from './diagnostics.js'
import type { DriverAuthenticator, DriverAuthProvider } from './driver.js'
import { type AuthError, authError } from './errors.js'
import { downgradeOption, type Level, levelOf, levels } from './lib/login/floor.js'
import { MigrationBook, type NodeSeen, type Way } from './lib/login/migration-book.js'
import { type MigratingClient, type MigrationStatus, migrationStatus } from './lib/login/migration-status.js'
import { WatchedLogin } from './lib/login/watched-login.js'
import { clockOption } from './lib/options/common-options.js'
import {
  bagOf,
  flag,
  initially,
  oneOf,
  optionBag,
  readOptions,
  refuseMore,
  required,
  type Spec,
} from './lib/options/option-spec.js'
import { recordOf } from './provider-record.js'
import { quotable } from './quotable.js'
import { type Chosen, negotiationOption, type Route, RoutingAuthProvider, routeBag } from './routing.js'

/** Options of `migrate`. */
export interface MigrateOptions {
  /** The old state of the cluster: the authenticator of the nodes that are not changed yet, and the provider that answers it. */
  readonly oldWay: Route
  /** The new state. If an authenticator matches both ways, this one is used. */
  readonly newWay: Route
  /**
   * Allows an old way that sends the secret readable with a new one that keeps it off the wire (or the reverse): then
   * the class name that a server sends decides which is used. Over TLS that verifies the server. Default false:
   * DOWNGRADE_REFUSED.
   */
  readonly allowDowngradeToCleartext?: boolean | undefined
  /**
   * What each way must give at least, by the record of its provider; BELOW_FLOOR at construction if one gives less.
   * `mutual`: the server proves itself, and the secret stays off the wire; `guarded`: the secret stays off the wire;
   * `cleartext`, the default: no floor of its own, only that of `allowDowngradeToCleartext`.
   */
  readonly neverBelow?: 'mutual' | 'guarded' | 'cleartext' | undefined
  /**
   * After a login by the new way has succeeded at a node, the old way is closed for it (OLD_WAY_CLOSED) until
   * `reopenOldWay()`. Default false: a node may be set back.
   */
  readonly ratchetPerNode?: boolean | undefined
  /**
   * Tells servers which authenticators this client can answer, the new way first, and the old one only while it is open: see
   * `routeByAuthenticator`. Default false.
   */
  readonly experimentalNegotiation?: boolean | undefined
  /** Where time comes from. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

export const migrateBag = optionBag('migrate', {
  oldWay: required(bagOf(routeBag('oldWay of migrate'))),
  newWay: required(bagOf(routeBag('newWay of migrate'))),
  allowDowngradeToCleartext: downgradeOption,
  neverBelow: initially<Level>(
    'cleartext',
    oneOf(...levels),
    'If both ways are readable, nothing is lost. If only one is readable, `allowDowngradeToCleartext` is required anyway.',
  ),
  ratchetPerNode: initially(
    false,
    flag,
    'A migration must be reversible: clients can still log in to a node that was set back. Set this option if nobody sets nodes back.',
  ),
  experimentalNegotiation: negotiationOption,
  clock: clockOption,
} satisfies Spec<MigrateOptions>)

/** What `migrate` returns: the `authProvider` of clients, and how far they have come. */
export interface Migration extends DriverAuthProvider {
  /**
   * How each node answers. These are the nodes that the clients know now: one that has left the cluster is gone when
   * the driver has noticed. The status comes from logins and asks no node, so a node that was set back shows at its
   * next login (the restart that sets it back ends its connections). Errors: OPTION_INVALID for a client that knows no
   * node yet, CANNOT_TELL behind `cloud`.
   */
  status(client: MigratingClient, ...more: readonly MigratingClient[]): MigrationStatus
  /**
   * From now on nothing is sent by the old way. A login that has begun ends with OLD_WAY_CLOSED. Connections that are
   * logged in stay. No effect if it is closed.
   */
  closeOldWay(): void
  /** Opens the old way again, also for nodes that `ratchetPerNode` has closed it to. */
  reopenOldWay(): void
}

/**
 * One provider for a cluster that changes its authenticator node by node, and back: `new Client({ authProvider:
 * migrate({ oldWay, newWay }) })`. Each login uses the way whose `authenticator` matches the class name that the node
 * sends, with the floor of `routeByAuthenticator`; NO_ROUTE if none does. `status(client)` says which nodes answer how,
 * and whether the old way is still needed; `closeOldWay()` ends it without a restart. The channel `@x/auth:migration`
 * has each login that uses the old way.
 *
 * Errors at construction: OPTION_INVALID, BELOW_FLOOR, DOWNGRADE_REFUSED. Errors at a login: NO_ROUTE, OLD_WAY_CLOSED,
 * and those of the two providers.
 */
export function migrate(options: MigrateOptions): Migration
export function migrate(options: MigrateOptions, ...more: readonly unknown[]): Migration {
  refuseMore('migrate', more)
  return new MigratingAuthProvider(options)
}

class MigratingAuthProvider extends RoutingAuthProvider implements Migration {
  readonly #book = new MigrationBook()
  readonly #ways: Readonly<Record<Way, Route>>
  readonly #ratchets: boolean
  readonly #clock: Clock
  #oldWay: 'open' | 'closed' = 'open'

  constructor(options: MigrateOptions) {
    const { oldWay, newWay, neverBelow, ratchetPerNode, clock, ...routing } = readOptions(migrateBag, options)
    refuseUnused(oldWay, newWay)
    refuseBelow(neverBelow, { oldWay, newWay })
    super('migrate', [newWay, oldWay], routing)
    this.#ways = { old: oldWay, new: newWay }
    this.#ratchets = ratchetPerNode
    this.#clock = clock
  }

  status(...clients: readonly MigratingClient[]): MigrationStatus {
    const { old: oldWay, new: newWay } = this.#ways
    const records = { old: recordOf(oldWay.provider), new: recordOf(newWay.provider), whole: recordOf(this) }
    const facts = { book: this.#book, oldWay: this.#oldWay, ratchets: this.#ratchets, records }
    return migrationStatus(facts, clients)
  }

  closeOldWay(): void {
    if (this.#oldWay === 'closed') return
    this.#oldWay = 'closed'
    this.#tell('closed')
  }

  reopenOldWay(): void {
    this.#book.release()
    if (this.#oldWay === 'open') return
    this.#oldWay = 'open'
    this.#tell('reopened')
  }

  protected override get answerable(): readonly Route[] {
    const { old: oldWay, new: newWay } = this.#ways
    return this.#oldWay === 'open' ? [newWay, oldWay] : [newWay]
  }

  protected override open(endpoint: string, name: string, chosen: Chosen | undefined): DriverAuthenticator {
    const way = chosen && (chosen === this.#ways.old ? 'old' : 'new')
    const node = this.#book.asked(endpoint, name, way, this.#clock.now())
    if (!chosen || !way) return super.open(endpoint, name, chosen)
    const refusal = () => (way === 'old' ? this.#closedTo(endpoint, node) : undefined)
    const closed = refusal()
    if (closed) throw closed
    if (way === 'old') this.#tell('old-way', endpoint, name)
    return new WatchedLogin(super.open(endpoint, name, chosen), {
      endpoint,
      record: recordOf(chosen.provider),
      refusal,
      succeeded: () => this.#book.succeeded(node, way, this.#clock.now()),
    })
  }

  /** Why this node may still need the old way; undefined: it does not. */
  #closedTo(endpoint: string, node: NodeSeen): AuthError | undefined {
    const isClosed = this.#oldWay === 'closed'
    if (!isClosed && !(this.#ratchets && node.ratcheted)) return undefined
    node.withheld += 1
    this.#tell('withheld', endpoint, node.authenticator)
    const problem = isClosed
      ? `The server asks for ${quotable(node.authenticator)}, the old way of the migration, which has been closed.`
      : `The server asks for ${quotable(node.authenticator)}, the old way of the migration, and it accepted the new way before (ratchetPerNode).`
    return authError('OLD_WAY_CLOSED', problem, { endpoint, authenticator: node.authenticator })
  }

  #tell(kind: MigrationEvent['kind'], endpoint?: string, authenticator?: string): void {
    oldWayNoticed(() => ({
      kind,
      endpoint: endpoint === undefined ? undefined : quotable(endpoint),
      authenticator: authenticator === undefined ? undefined : quotable(authenticator),
      mechanisms: recordOf(this.#ways.old.provider)?.mechanisms ?? [],
    }))
  }
}

/** An authenticator that both ways match goes the new way. */
function refuseUnused({ authenticator: old }: Route, { authenticator: fresh }: Route): void {
  if (!takesAllOf(fresh, old)) return
  const problem =
    typeof old === 'string'
      ? `newWay of migrate matches ${quotable(old)}, the authenticator of oldWay`
      : 'newWay of migrate has the same authenticator as oldWay'
  throw authError('OPTION_INVALID', `${problem}, so the old way would never be used.`)
}

function refuseBelow(floor: Level, ways: Readonly<Record<string, Route>>): void {
  for (const [name, { provider }] of Object.entries(ways)) {
    const record = recordOf(provider)
    const level = levelOf(record)
    if (levels.indexOf(level) >= levels.indexOf(floor)) continue
    const who = record?.provider ?? 'a provider that is not of this family'
    throw authError('BELOW_FLOOR', `${who} of ${name} is ${level}, and neverBelow asks for ${floor}.`)
  }
}
