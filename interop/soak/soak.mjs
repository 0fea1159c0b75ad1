/** A soak: runs kinds of change and of chaos one after another, until the time is over. It records what happened, and what no kind explains. */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { allKinds } from './declaration.mjs'
import { Lab } from './lab/lab.mjs'
import { bounded, StillRunning } from './lib/bounded.mjs'
import { isTrouble, summaryOf, unexplained } from './lib/explain.mjs'
import { growth } from './lib/memory.mjs'
import { nodesOwn } from './lib/nodes-own.mjs'
import { order } from './lib/order.mjs'
import { beyondControl } from './lib/verdict.mjs'

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

const kindMs = 900_000
// On a busy machine the boot of a node may take five minutes.
const haltMs = 400_000
const sides = /** @type {const} */ (['ours', 'control'])

/**
 * @param {{ seed: number, seconds: number, only?: readonly string[] }} options `only`: the kinds to run, for work on
 *   one of them
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
  /** Errors of queries since the last kind began. @type {Record<SideName, string[]>} */
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
    // It may reject before anything waits for it.
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
    this.#failed[side].push(...errors)
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
    for (const step of plan) {
      if (this.#now() >= seconds) return
      await this.#step(lab, step)
    }
  }

  /** Runs the kinds of a step together. @param {Lab} lab @param {import('./lib/order.mjs').Step} step */
  async #step(lab, step) {
    const runs = lab.begin(step.map(({ kind }) => kind))
    const calmMs = 1_000 + (step[0]?.random.below(4_000) ?? 0)
    const times = step.map(() => ({ from: this.#now(), to: Number.NaN }))
    const works = runs.map((run, index) => async () => {
      await run.kind.run(run.lab, step[index]?.random ?? assert.fail())
      await lab.healed()
      await run.allSeen()
      Object.assign(times[index] ?? assert.fail(), { to: this.#now() })
    })
    let isWhole = true
    try {
      await bounded(works, { ms: kindMs, haltMs, halt: () => lab.halt(), died: this.#died })
    } catch (error) {
      if (error instanceof StillRunning) throw error
      isWhole = false
      this.#complaints.kinds.push(`${namesOf(runs)}: ${error instanceof Error ? error.message : error}`)
      console.log(`  ${this.#complaints.kinds.at(-1)}`)
      // Later kinds are still useful if the lab can be restored.
      await lab.recover()
    }
    for (const each of times) if (Number.isNaN(each.to)) each.to = this.#now()
    // Makes a gap in the time line. Events during the gap belong to these runs.
    await delay(calmMs)
    await lab.flush()
    this.#judge(runs, times, isWhole)
  }

  /**
   * @param {readonly import('./lab/run.mjs').Run[]} runs
   * @param {readonly { from: number, to: number }[]} times
   * @param {boolean} isWhole false if one failed
   */
  #judge(runs, times, isWhole) {
    const heard = runs[0]?.heard ?? []
    const failures = this.#failed
    this.#failed = { ours: [], control: [] }
    const { events, queries } = unexplained(runs, { heard, failed: failures })
    const names = namesOf(runs)
    if (isWhole && events.length > 0)
      this.#complaints.kinds.push(`${names} does not explain ${summaryOf(events)}`)
    const trouble = heard.filter(isTrouble)
    for (const told of trouble) {
      const text = `${told.channel} ${told.outcome ?? told.kind ?? ''}${told.code ? ` ${told.code}` : ''}`
      this.#trouble.set(text, (this.#trouble.get(text) ?? 0) + 1)
    }
    for (const side of sides) {
      const strange = [...new Set(queries[side])].slice(0, 3).join('; ')
      if (strange) {
        const list = this.#complaints[side === 'ours' ? 'queries' : 'control']
        list.push(`${names}: ${queries[side].length} queries of ${side} failed: ${strange}`)
      }
      if (failures[side].length > 0)
        console.log(`      ${side}: ${[...new Set(failures[side])].slice(0, 5).join('\n      ')}`)
    }
    for (const [index, { kind }] of runs.entries()) {
      const { from, to } = times[index] ?? assert.fail()
      // If runs ran together, the counts belong to the last one, which is the chaos.
      const isCounted = index === runs.length - 1
      const run = {
        name: kind.name,
        sort: kind.sort,
        from,
        to,
        events: isCounted ? heard.length : 0,
        trouble: isCounted ? trouble.length : 0,
        failed: {
          ours: isCounted ? failures.ours.length : 0,
          control: isCounted ? failures.control.length : 0,
        },
      }
      this.#runs.push(run)
      const counts = isCounted
        ? `${run.events} events, ${run.trouble} of failures; queries failed: ${run.failed.ours}, of the control: ${run.failed.control}`
        : `together with ${runs.at(-1)?.kind.name}`
      console.log(
        `  ${from.toFixed(1).padStart(7)} s  ${kind.sort.padEnd(6)}  ${kind.name}: ${(to - from).toFixed(1)} s, ${counts}`,
      )
    }
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
    this.#complaints.queries.push(...beyondControl(totals))
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
        { what: 'the control failed only when it may', complaints: this.#complaints.control },
        {
          what: 'the memory is flat',
          complaints: memory.ours.isFlat
            ? []
            : [`the heap of ours grew by ${bytes} bytes, and may by ${bound}`],
        },
        {
          what: 'both processes ended without process.exit(), with nothing left open',
          complaints: ends.flat(),
        },
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

/** @param {readonly import('./lab/run.mjs').Run[]} runs */
function namesOf(runs) {
  return runs.map(({ kind }) => kind.name).join(' with ')
}
