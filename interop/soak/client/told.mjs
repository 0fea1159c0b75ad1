/** Reports the events of our packages on node:diagnostics_channel to the lab. */
import { subscribe } from 'node:diagnostics_channel'

/** @typedef {import('../lib/explain.mjs').Told} Told */

/**
 * Calls `tell` with each event from now on. The returned function returns the number of logins that have begun and not
 * ended.
 * @param {Record<string, readonly string[]>} relays @param {(told: Told) => void} tell
 */
export function listen(relays, tell) {
  let open = 0
  /** @type {Map<string, { user: string, node: number }>} */
  const places = new Map(
    Object.entries(relays).flatMap(([user, own]) => own.map((relay, node) => [relay, { user, node }])),
  )
  const place = (/** @type {string | undefined} */ endpoint) => places.get(endpoint ?? '') ?? {}

  subscribe('tracing:@x/auth:exchange:start', () => {
    open++
  })
  subscribe('tracing:@x/auth:exchange:asyncEnd', (message) => {
    open--
    const event = /** @type {import('@x/auth-core').ExchangeEvent} */ (message)
    const { endpoint, mechanism, outcome, error } = event
    tell({ channel: 'exchange', ...place(endpoint), outcome, ...known({ mechanism, code: error?.code }) })
  })
  subscribe('tracing:@x/auth:credentials:asyncEnd', (message) => {
    const event = /** @type {import('@x/auth-core').CredentialsEvent} */ (message)
    const { endpoint, reason, outcome, error } = event
    tell({ channel: 'credentials', ...place(endpoint), reason, outcome, ...known({ code: error?.code }) })
  })
  subscribe('@x/auth:migration', (message) => {
    const { endpoint, kind } = /** @type {import('@x/auth-core').MigrationEvent} */ (message)
    tell({ channel: 'migration', ...place(endpoint), kind })
  })
  subscribe('tracing:@x/tls:rotation:asyncEnd', (message) => {
    const { outcome, error } = /** @type {import('@x/tls-profiles').RotationEvent} */ (message)
    tell({ channel: 'rotation', outcome, ...known({ code: error?.code }) })
  })
  subscribe('@x/tls:expiry', () => tell({ channel: 'expiry' }))
  return () => open
}

/** Removes undefined fields. @param {Record<string, string | undefined>} fields @returns {Record<string, string>} */
function known(fields) {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
