/** A soak: kinds of change and of chaos, one after another, until the time is over; what happened meanwhile, and what of it nothing explains. */
import { setTimeout as delay } from 'node:timers/promises'
import { allKinds } from './declaration.mjs'
import { Lab, summaryOf } from './lab/lab.mjs'
import { isTrouble, unexplained } from './lib/explain.mjs'
import { growth } from './lib/memory.mjs'
import { nodesOwn } from './lib/nodes-own.mjs'
import { order } from './lib/order.mjs'

/** @typedef {'ours' | 'control'} SideName */
/** @typedef {{ at: number, succeeded: number, failed: number, nodesOwn: number, bytes?: number, rss?: number, logins: number }} Sample `at`: seconds since the beginning */
/** @typedef {{ name: string, sort: string, from: number, to: number, events: number, trouble: number, failed: Record<SideName, number> }} Run of a kind */

/**
 * @typedef {object} Recording
 * @property {number} seed
 * @property {number} seconds that the queries ran
 * @property {number} connections that our clients had open, together
 * @property {Run[]} runs
 * @property {Record<SideName, Sample[]>} samples
 * @property {Record<SideName, { queries: number, failed: number, logins: number }>} totals
 * @property {Record<SideName, ReturnType<typeof growth>>} memory
 * @property {Record<SideName, Record<string, number>>} nodesOwn queries that a node answered with an error of its own, by what it was
 * @property {Record<string, number>} trouble events of failures, each explained by the kind that ran, by what they say
 * @property {string} release of Cassandra
 * @property {{ what: string, complaints: string[] }[]} checks
 */

const kindMs = 300_000
const sides = /** @type {const} */ (['ours', 'control'])

/**
 * @param {{ seed: number, seconds: number, only?: readonly string[] }} options `only`: kinds, for who works on one
 * @returns {Promise<Recording>}
 */
export async function soak({ seed, seconds, only }) {
  const kinds = (await allKinds()).filter(({ name }) => !only || only.includes(name))
  const soaked = new Soak()
  const lab = await Lab.start(
    (side, sample) => soaked.sampled(side, sample),
    (error) => soaked.ended(error),
  )
  try {
    soaked.lab = lab
    await soaked.run(lab, order(seed, kinds), seconds)
    return { seed, ...(await soaked.close(lab)) }
  } finally {
    await lab.stop()
  }
}

class Soak {
  /** @type {Lab | undefined} */
  lab = undefined
  #start = performance.now()
  /** @type {Record<SideName, Sample[]>} */
  #samples = { ours: [], control: [] }
  /** Errors of queries, since the last kind began. @type {Record<SideName, string[]>} */
  #failed = { ours: [], control: [] }
  /** @type {Run[]} */
  #runs = []
  /** @type {Map<string, number>} */
  #trouble = new Map()
  /** @type {Record<'kinds' | 'queries' | 'control', string[]>} */
  #complaints = { kinds: [], queries: [], control: [] }
  /** @type {Record<SideName, Record<string, number>>} */
  #nodesOwn = { ours: {}, control: {} }
  #isOver = false
  #connections = 0
  /** @type {(error: Error) => void} */
  #die = () => {}
  /** Rejects when a process of clients ends too early. @type {Promise<never>} */
  #died = new Promise((_, reject) => {
    this.#die = reject
  })

  constructor() {
    // It may happen before anybody waits for it.
    this.#died.catch(() => {})
  }

  /** @param {SideName} side @param {import('./lab/side.mjs').Sample} sample */
  sampled(side, { succeeded, failed, ...rest }) {
    const errors = failed.filter((error) => !nodesOwn(error))
    for (const error of failed) {
      const what = nodesOwn(error)
      if (what) this.#nodesOwn[side][what] = (this.#nodesOwn[side][what] ?? 0) + 1
    }
    const logins = side === 'control' ? this.lab?.accepted('control') : rest.logins
    this.#samples[side].push({
      at: this.#now(),
      succeeded,
      failed: errors.length,
      nodesOwn: failed.length - errors.length,
      ...rest,
      logins: logins ?? 0,
    })
    // The driver's errors have their stacks in their texts.
    this.#failed[side].push(...errors.map((error) => error.split('\n', 1)[0] ?? ''))
  }

  /** @param {Error} error */
  ended(error) {
    if (!this.#isOver) this.#die(error)
  }

  /** @param {Lab} lab @param {ReturnType<typeof order>} plan @param {number} seconds */
  async run(lab, plan, seconds) {
    this.#start = performance.now()
    this.#samples = { ours: [], control: [] }
    this.#nodesOwn = { ours: {}, control: {} }
    this.#connections = await lab.connections()
    for (const { kind, random } of plan) {
      if (this.#now() >= seconds) return
      try {
        await this.#one(lab, kind, random)
      } catch (error) {
        this.#complaints.kinds.push(`${kind.name}: ${error instanceof Error ? error.message : error}`)
        console.log(`  ${this.#complaints.kinds.at(-1)}`)
        // What comes later still says something, if the lab can be set right.
        await lab.recover()
      }
    }
  }

  /** @param {Lab} lab @param {import('./declaration.mjs').Kind} kind @param {import('./lib/order.mjs').Random} random */
  async #one(lab, kind, random) {
    lab.begin(kind)
    const from = this.#now()
    const bound = new AbortController()
    const calmMs = 1_000 + random.below(4_000)
    try {
      await Promise.race([
        this.#died,
        delay(kindMs, undefined, { signal: bound.signal }).then(() => {
          throw new Error(`not at its end after ${kindMs} ms`)
        }),
        (async () => {
          await kind.run(lab, random)
          await lab.healed()
          await lab.allSeen()
        })(),
      ])
    } finally {
      bound.abort()
    }
    const to = this.#now()
    // So that the time line has a pause; what is told meanwhile belongs to this kind.
    await delay(calmMs)
    await lab.flush()
    this.#judge(lab, kind, { from, to })
  }

  /** @param {Lab} lab @param {import('./declaration.mjs').Kind} kind @param {{ from: number, to: number }} times */
  #judge(lab, kind, { from, to }) {
    const { heard, chosenIndex: chosen } = lab
    const trouble = heard.filter(isTrouble)
    const { events, queries } = unexplained(kind, { heard, chosen, failed: this.#failed })
    if (events.length > 0) this.#complaints.kinds.push(`${kind.name} does not explain ${summaryOf(events)}`)
    for (const told of trouble) {
      const text = `${told.channel} ${told.outcome ?? told.kind ?? ''}${told.code ? ` ${told.code}` : ''}`
      this.#trouble.set(text, (this.#trouble.get(text) ?? 0) + 1)
    }
    const failed = { ours: this.#failed.ours.length, control: this.#failed.control.length }
    for (const side of sides) {
      const strange = [...new Set(queries[side])].slice(0, 3).join('; ')
      if (strange) {
        const list = this.#complaints[side === 'ours' ? 'queries' : 'control']
        list.push(`${kind.name}: ${queries[side].length} queries of ${side} failed: ${strange}`)
      }
      if (failed[side] > 0)
        console.log(`      ${side}: ${[...new Set(this.#failed[side])].slice(0, 5).join('\n      ')}`)
      this.#failed[side] = []
    }
    const run = {
      name: kind.name,
      sort: kind.sort,
      from,
      to,
      events: heard.length,
      trouble: trouble.length,
      failed,
    }
    this.#runs.push(run)
    console.log(
      `  ${from.toFixed(1).padStart(7)} s  ${kind.sort.padEnd(6)}  ${kind.name}: ${(to - from).toFixed(1)} s, ${heard.length} events, ${trouble.length} of failures; queries failed: ${failed.ours}, of the control: ${failed.control}`,
    )
  }

  /** @param {Lab} lab @returns {Promise<Omit<Recording, 'seed'>>} */
  async close(lab) {
    const seconds = this.#now()
    this.#isOver = true
    const totals = { ours: this.#total('ours'), control: this.#total('control') }
    const memory = { ours: this.#growth('ours'), control: this.#growth('control') }
    const ends = await Promise.all(
      sides.map(async (side) => {
        try {
          const { left, exit } = await lab.sides[side].end()
          return [
            ...(left.length > 0 ? [`${side} left open: ${left.join(', ')}`] : []),
            ...(exit === 'exit code 0' ? [] : [`${side}: ${exit}`]),
          ]
        } catch (error) {
          return [String(error)]
        }
      }),
    )
    const beyond = totals.ours.failed - totals.control.failed
    if (beyond > 0) {
      this.#complaints.queries.push(`${beyond} more queries of ours failed than of the control`)
    }
    const { bytes, bound } = memory.ours
    return {
      seconds,
      connections: this.#connections,
      runs: this.#runs,
      samples: this.#samples,
      totals,
      memory,
      nodesOwn: this.#nodesOwn,
      trouble: Object.fromEntries([...this.#trouble].sort()),
      release: lab.cassandra.nodes[0]?.release ?? '',
      checks: [
        {
          what: 'every change and every chaos has its events, and every event its cause',
          complaints: this.#complaints.kinds,
        },
        { what: 'no query failed beyond the control', complaints: this.#complaints.queries },
        { what: 'the control failed only where it may', complaints: this.#complaints.control },
        {
          what: 'the memory is flat',
          complaints: memory.ours.isFlat
            ? []
            : [`the heap of ours grew by ${bytes} bytes, and may by ${bound}`],
        },
        { what: 'both processes ended by themselves, with nothing left open', complaints: ends.flat() },
      ],
    }
  }

  /** @param {SideName} side */
  #total(side) {
    const samples = this.#samples[side]
    const failed = samples.reduce((sum, each) => sum + each.failed, 0)
    const succeeded = samples.reduce((sum, each) => sum + each.succeeded, 0)
    const ownAnswers = samples.reduce((sum, each) => sum + each.nodesOwn, 0)
    return { queries: succeeded + failed + ownAnswers, failed, logins: samples.at(-1)?.logins ?? 0 }
  }

  /** @param {SideName} side */
  #growth(side) {
    return growth(
      this.#samples[side].flatMap(({ bytes, logins }) => (bytes === undefined ? [] : [{ bytes, logins }])),
    )
  }

  #now() {
    return (performance.now() - this.#start) / 1000
  }
}
