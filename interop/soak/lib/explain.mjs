/** Which events a kind explains. */

/**
 * What our client tells of a diagnostics event. `user` and `node` by the address that it connects to.
 * @typedef {object} Told
 * @property {import('../declaration.mjs').Pattern['channel']} channel
 * @property {string} [user]
 * @property {number} [node]
 * @property {string} [outcome]
 * @property {string} [reason]
 * @property {string} [kind]
 * @property {string} [code]
 * @property {string} [mechanism]
 */

/** @param {import('../declaration.mjs').Pattern} pattern @param {Told} told @param {number | undefined} chosen */
export function fits(pattern, told, chosen) {
  const { channel, user, node, mechanism } = pattern
  if (told.channel !== channel) return false
  if (user !== undefined && told.user !== user) return false
  if (node === 'chosen' && told.node !== chosen) return false
  if (mechanism && !mechanism.test(told.mechanism ?? '')) return false
  return /** @type {const} */ (['outcome', 'reason', 'kind', 'code']).every((field) => {
    const wanted = pattern[field]
    return wanted === undefined || wanted.includes(told[field] ?? '')
  })
}

/**
 * Has it been seen? With `each`, of every one.
 * @param {import('../declaration.mjs').Pattern} pattern @param {readonly Told[]} events @param {number | undefined} chosen
 * @param {{ user: readonly unknown[], node: readonly unknown[] }} all
 */
export function isSeen(pattern, events, chosen, all) {
  const seen = events.filter((told) => fits(pattern, told, chosen))
  const { each } = pattern
  return each ? all[each].every((one) => seen.some((told) => told[each] === one)) : seen.length > 0
}

/** Does it tell of a failure, or of something that a client in peace does not do? @param {Told} told */
export function isTrouble({ channel, outcome, kind }) {
  switch (channel) {
    case 'exchange':
    case 'credentials':
      return outcome !== 'success'
    case 'rotation':
      return outcome !== 'rotated'
    case 'migration':
      return kind === 'withheld'
    case 'expiry':
      return true
  }
}

/**
 * What a run of a kind does not explain: events of failures that it does not declare, and queries that fail where none may.
 * @param {import('../declaration.mjs').Kind} kind
 * @param {{ heard: readonly Told[], chosen: number | undefined, failed: Readonly<Record<'ours' | 'control', readonly string[]>> }} seen `failed`:
 *   errors of queries
 */
export function unexplained(kind, { heard, chosen, failed }) {
  const strange = (/** @type {'ours' | 'control'} */ side) =>
    failed[side].filter((error) => !kind.controlMayFail?.test(error))
  return {
    events: heard.filter(
      (told) => isTrouble(told) && !kind.allows.some((pattern) => fits(pattern, told, chosen)),
    ),
    queries: { ours: strange('ours'), control: strange('control') },
  }
}
