/** One run of a kind: what is told during it, which node it is about, and the lab as its `run` has it. */
import assert from 'node:assert/strict'
import { users } from '../client/users.mjs'
import { isSeen, summaryOf } from '../lib/explain.mjs'

/** @typedef {import('./lab.mjs').Lab} Lab */
/** @typedef {import('../lib/explain.mjs').Told} Told */
/** @typedef {Lab['cassandra']['nodes'][number]} Node */

const nodes = [0, 1, 2]

export class Run {
  /** What our clients have told since it began. @type {Told[]} */
  heard = []
  /** The node that it is about. @type {number | undefined} */
  chosenIndex
  #lab
  /** From which of the events on they are looked for. */
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
   * The lab with this run's own part, for `run` of the kind. After the end of the run it refuses, so that a kind that goes on touches nothing.
   * @returns {Lab & Run}
   */
  get lab() {
    return /** @type {Lab & Run} */ (
      new Proxy(this.#lab, {
        get: (lab, name) => {
          if (this.#isOver) throw new Error(`${this.kind.name} goes on after its end`)
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

  /** One of the nodes: what `node: 'chosen'` means from now on. @param {import('../lib/order.mjs').Random} random */
  choose(random) {
    return this.chooseNode(random.below(nodes.length))
  }

  /** @param {number} index @returns {{ node: Node, index: number }} */
  chooseNode(index) {
    this.chosenIndex = index
    return { node: this.#lab.cassandra.nodes[index] ?? assert.fail(), index }
  }

  /** Only what is told from now on is looked at by `seen`. */
  mark() {
    this.#from = this.heard.length
  }

  /** Resolves when the events have been seen that the kind declares under the name. @param {string} name */
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

  /** All that the kind declares and that it has not waited for itself. */
  async allSeen() {
    for (const name of Object.keys(this.kind.explains)) if (!this.#seen.has(name)) await this.seen(name)
  }
}
