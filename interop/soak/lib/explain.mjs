/** Decides which events a kind explains. */
import { isOfLogin } from '../client/failure.mjs'

/**
 * A diagnostics event of our client. The address of the connection gives `user` and `node`.
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
 * Whether the event has happened; with `each`, for every one.
 * @param {import('../declaration.mjs').Pattern} pattern @param {readonly Told[]} events @param {number | undefined} chosen
 * @param {{ user: readonly unknown[], node: readonly unknown[] }} all
 */
export function isSeen(pattern, events, chosen, all) {
  const seen = events.filter((told) => fits(pattern, told, chosen))
  const { each } = pattern
  return each ? all[each].every((one) => seen.some((told) => told[each] === one)) : seen.length > 0
}

/** Whether it reports a failure, or something that does not happen in normal work. @param {Told} told */
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
 * Returns what the runs that ran together do not explain: events of failures that none of them declares, and failed queries if none may fail. One
 * of our queries that failed because of a login is never explained.
 * @param {readonly { kind: import('../declaration.mjs').Kind, chosenIndex: number | undefined }[]} runs
 * @param {{ heard: readonly Told[], failed: Readonly<Record<'ours' | 'control', readonly string[]>> }} seen `failed`: errors of queries
 */
export function unexplained(runs, { heard, failed }) {
  const strange = (/** @type {'ours' | 'control'} */ side) =>
    failed[side].filter(
      (error) =>
        (side === 'ours' && isOfLogin(error)) || !runs.some(({ kind }) => kind.controlMayFail?.test(error)),
    )
  return {
    events: heard.filter(
      (told) =>
        isTrouble(told) &&
        !runs.some(({ kind, chosenIndex }) =>
          kind.allows.some((pattern) => fits(pattern, told, chosenIndex)),
        ),
    ),
    queries: { ours: strange('ours'), control: strange('control') },
  }
}

/** @param {readonly Told[]} heard */
export function summaryOf(heard) {
  /** @type {Map<string, number>} */
  const counts = new Map()
  for (const { channel, user, node, outcome, kind, reason, code, mechanism } of heard) {
    const text = [channel, user, node, mechanism, reason, outcome ?? kind, code]
      .filter((part) => part !== undefined)
      .join(' ')
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return [...counts].map(([text, count]) => `${count} × ${text}`).join(', ') || 'nothing'
}
