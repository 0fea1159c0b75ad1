import { maxEndpoints } from './login-counter.js'

/** The two ways of a migration. */
export type Way = 'old' | 'new'

/** What was seen about one way at one node. Times are in milliseconds since the epoch. */
export interface WaySeen {
  logins: number
  lastLoginAt: number | undefined
}

/** What was seen at one node. */
export interface NodeSeen {
  /** The class name that the server sent at the last login. */
  authenticator: string
  /** Which way that is; undefined if it is neither. */
  asked: Way | undefined
  askedAt: number
  /** A login by the new way has succeeded since the node began to ask for it. */
  proven: boolean
  /** A login by the new way has succeeded since the old way was last opened. */
  ratcheted: boolean
  /** Logins by the old way that were withheld. */
  withheld: number
  readonly old: WaySeen
  readonly new: WaySeen
}

/** What the nodes have asked for, and which logins succeeded, in bounded memory. */
export class MigrationBook {
  /** By `ip:port`, which the client chose, in the order of the last login. */
  readonly #nodes = new Map<string, NodeSeen>()

  /** A server has asked for a login. */
  asked(endpoint: string, authenticator: string, way: Way | undefined, now: number): NodeSeen {
    const node = this.#nodes.get(endpoint) ?? {
      ...{ authenticator, asked: way, askedAt: now, proven: false, ratcheted: false, withheld: 0 },
      old: { logins: 0, lastLoginAt: undefined },
      new: { logins: 0, lastLoginAt: undefined },
    }
    const proven = node.proven && way === 'new'
    Object.assign(node, { authenticator, asked: way, askedAt: now, proven })
    // Deleted first, so that the order of the map is that of the last login.
    this.#nodes.delete(endpoint)
    this.#nodes.set(endpoint, node)
    if (this.#nodes.size > maxEndpoints) {
      const [oldest] = this.#nodes.keys()
      if (oldest !== undefined) this.#nodes.delete(oldest)
    }
    return node
  }

  succeeded(node: NodeSeen, way: Way, now: number): void {
    node[way].logins += 1
    node[way].lastLoginAt = now
    if (way === 'old') return
    node.ratcheted = true
    // A login that began before the node was set back does not show what the node asks for now.
    if (node.asked === 'new') node.proven = true
  }

  /** Nodes may go back to the old way. */
  release(): void {
    for (const node of this.#nodes.values()) node.ratcheted = false
  }

  at(endpoint: string): NodeSeen | undefined {
    return this.#nodes.get(endpoint)
  }
}
