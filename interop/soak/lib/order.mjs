/** The order of the kinds. It depends only on the seed, so the same seed gives the same order and the same choices. */

/** @typedef {{ below: (end: number) => number, shuffled: <T>(items: readonly T[]) => T[] }} Random */

/** Mulberry32: small, with the same numbers on every machine. @param {number} seed @returns {Random} */
export function randomOf(seed) {
  let state = seed >>> 0
  const below = (/** @type {number} */ end) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end)
  }
  return {
    below,
    shuffled(items) {
      const all = [...items]
      for (let last = all.length - 1; last > 0; last--) {
        const other = below(last + 1)
        const moved = all[last]
        all[last] = /** @type {typeof all[0]} */ (all[other])
        all[other] = /** @type {typeof all[0]} */ (moved)
      }
      return all
    },
  }
}

/** @typedef {readonly { kind: import('../declaration.mjs').Kind, random: Random }[]} Step what runs together: a change, chaos, or both */

/**
 * A change, chaos, a change, chaos, without an end. Half of the chaos runs during the change, if the two have nothing in common. Each kind runs
 * once before any kind of its sort runs again.
 * @param {number} seed @param {readonly import('../declaration.mjs').Kind[]} kinds
 * @returns {Generator<Step, never>}
 */
export function* order(seed, kinds) {
  const random = randomOf(seed)
  if (kinds.length === 0) throw new Error('there are no kinds')
  const own = (/** @type {'change' | 'chaos'} */ sort) => kinds.filter((kind) => kind.sort === sort)
  const decks = { change: deck(own('change')), chaos: deck(own('chaos')) }
  // Each step has its own random numbers, so that the choices of a kind do not change later steps.
  const drawn = (/** @type {import('../declaration.mjs').Kind} */ kind) => ({
    kind,
    random: randomOf(random.below(2 ** 32)),
  })
  for (;;) {
    const [change, chaos] = [decks.change.next().value, decks.chaos.next().value]
    const isTogether = random.below(2) === 0
    if (change && chaos && isTogether && !change.touches.some((what) => chaos.touches.includes(what))) {
      yield [drawn(change), drawn(chaos)]
      continue
    }
    if (change) yield [drawn(change)]
    if (chaos) yield [drawn(chaos)]
  }

  /** @param {readonly import('../declaration.mjs').Kind[]} all @returns {Generator<import('../declaration.mjs').Kind | undefined, never>} */
  function* deck(all) {
    for (;;) {
      if (all.length === 0) yield undefined
      yield* random.shuffled(all)
    }
  }
}
