/** Waits for an event, with a time limit. */

/**
 * Resolves with the arguments of the first event that `matches`. It listens from the call on, so it misses none.
 * @param {import('node:events').EventEmitter} emitter
 * @param {string} event
 * @param {(...args: any[]) => boolean} matches
 * @param {number} [timeoutMs]
 * @returns {Promise<any[]>}
 */
export function eventMatching(emitter, event, matches, timeoutMs = 60_000) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      emitter.off(event, listener)
      reject(new Error(`no such '${event}' within ${timeoutMs} ms`))
    }, timeoutMs)
    emitter.on(event, listener)

    /** @param {unknown[]} args */
    function listener(...args) {
      if (!matches(...args)) return
      clearTimeout(timer)
      emitter.off(event, listener)
      resolve(args)
    }
  })
}
