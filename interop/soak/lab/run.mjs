/** One run of a kind: its events, the node that it changes, and its view of the lab. */
import assert from 'node:assert/strict'
import { users } from '../client/users.mjs'
import { isSeen, summaryOf } from '../lib/explain.mjs'

/** @typedef {import('./lab.mjs').Lab} Lab */
/** @typedef {import('../lib/explain.mjs').Told} Told */
/** @typedef {Lab['cassandra']['nodes'][number]} Node */

const nodes = [0, 1, 2]

export class Run {
  /** The events of our clients since its start. @type {Told[]} */
  heard = []
  /** The node that it changes. @type {number | undefined} */
  chosenIndex
  #lab
  /** The index of the first event that `seen` looks at. */
  #from = 0
  /** @type {Set<string>} */
  #seen = new Set()
  #isOver = false

  /** @param {Lab} lab @param {import('../declaration.mjs').Kind} kind */
  constructor(lab, kind) {
    this.#lab = lab
    this.kind = kind
  }

  /**
   * The lab with this run, for `run` of the kind. After the end of the run every call throws, so that a kind that continues changes nothing.
   * @returns {Lab & Run}
   */
  get lab() {
    return /** @type {Lab & Run} */ (
      new Proxy(this.#lab, {
        get: (lab, name) => {
          if (this.#isOver) throw new Error(`${this.kind.name} continues after its end`)
          const owner = name in this ? this : lab
          const value = Reflect.get(owner, name, owner)
          return typeof value === 'function' ? value.bind(owner) : value
        },
      })
    )
  }

  end() {
    this.#isOver = true
  }

  /**
   * Chooses one of the nodes: `node: 'chosen'` means this node from now on.
   *
   * @param {import('../lib/order.mjs').Random} random
   */
  choose(random) {
    return this.chooseNode(random.below(nodes.length))
  }

  /** @param {number} index @returns {{ node: Node, index: number }} */
  chooseNode(index) {
    this.chosenIndex = index
    return { node: this.#lab.cassandra.nodes[index] ?? assert.fail(), index }
  }

  /** From now on, `seen` looks only at later events. */
  mark() {
    this.#from = this.heard.length
  }

  /** Resolves when the events that the kind declares under this name have happened. @param {string} name */
  async seen(name) {
    const { kind } = this
    const pattern = kind.explains[name] ?? assert.fail(`${kind.name} declares no events as "${name}"`)
    await this.#lab.until(
      () => isSeen(pattern, this.heard.slice(this.#from), this.chosenIndex, { user: users, node: nodes }),
      () =>
        `${kind.name}: no event as "${name}" declares: ${JSON.stringify(pattern)}; heard: ${summaryOf(this.heard)}`,
    )
    this.#seen.add(name)
  }

  /** Waits for all declared events that the kind has not waited for itself. */
  async allSeen() {
    for (const name of Object.keys(this.kind.explains)) if (!this.#seen.has(name)) await this.seen(name)
  }
}
