/** What comes when: all of it from the seed, so that the same seed is the same order and the same choices. */

/** @typedef {{ below: (end: number) => number, shuffled: <T>(items: readonly T[]) => T[] }} Random */

/** Mulberry32: small, and the same on every machine. @param {number} seed @returns {Random} */
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

/**
 * A change, chaos, a change, chaos, without an end. Each kind comes once before any of its sort comes again.
 * @param {number} seed @param {readonly import('../declaration.mjs').Kind[]} kinds
 * @returns {Generator<{ kind: import('../declaration.mjs').Kind, random: Random }, never>}
 */
export function* order(seed, kinds) {
  const random = randomOf(seed)
  if (kinds.length === 0) throw new Error('there are no kinds')
  const decks = { change: deck('change'), chaos: deck('chaos') }
  for (;;) {
    for (const sort of /** @type {const} */ (['change', 'chaos'])) {
      if (!kinds.some((kind) => kind.sort === sort)) continue
      const { value: kind } = decks[sort].next()
      // Of its own, so that what a kind draws moves nothing that comes later.
      yield { kind, random: randomOf(random.below(2 ** 32)) }
    }
  }

  /** @param {'change' | 'chaos'} sort @returns {Generator<import('../declaration.mjs').Kind, never>} */
  function* deck(sort) {
    const own = kinds.filter((kind) => kind.sort === sort)
    for (;;) yield* random.shuffled(own)
  }
}
