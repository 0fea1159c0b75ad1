/** Random numbers from a seed, so that a find can be reproduced. */

/** Mulberry32: its state has 32 bits, which is enough to choose changes. */
export class Random {
  #state

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0
  }

  /** At least 0 and less than 1. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** At least 0 and less than `limit`; 0 if `limit` is 0. @param {number} limit */
  below(limit) {
    return Math.floor(this.next() * limit)
  }

  /** @template T @param {readonly T[]} list @returns {T} */
  from(list) {
    return /** @type {T} */ (list[this.below(list.length)])
  }

  /** @param {number} size */
  bytes(size) {
    return Buffer.from(Array.from({ length: size }, () => this.below(256)))
  }

  /** True once in `times`. @param {number} times */
  once(times) {
    return this.below(times) === 0
  }
}
