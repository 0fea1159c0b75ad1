// #region metrics
import { subscribe } from 'node:diagnostics_channel'

/**
 * Logins and their credentials as metrics. No metric contains a credential. There are few attributes, and none is a text
 * of the server.
 * @param {import('@opentelemetry/api').Meter} meter
 */
export function credentialMetrics(meter) {
  const logins = meter.createCounter('auth.logins', { description: 'Logins by outcome' })
  const fetches = meter.createCounter('auth.credentials.fetches', {
    description:
      'Requests to a credential source by reason (refused and unanswered: because of a refusal) and outcome',
  })
  const duration = meter.createHistogram('auth.credentials.fetch.duration', {
    description: 'Duration of a request to the source',
    unit: 's',
    // The buckets of the semantic conventions for seconds; the SDK's own are for milliseconds.
    advice: {
      explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    },
  })
  const age = meter.createObservableGauge('auth.credentials.age', {
    description: 'Time since the credentials that logins get were fetched',
    unit: 's',
  })
  const left = meter.createObservableGauge('auth.credentials.time_left', {
    description: 'Time until they expire; negative once they have',
    unit: 's',
  })
  const failing = meter.createObservableGauge('auth.credentials.failures', {
    description: 'Failures of the source since its last success',
  })

  /**
   * The latest event of each key; a cache for all servers has one key.
   *
   * @type {Map<string, import('@x/auth-core').CredentialsEvent>}
   */
  const latest = new Map()

  subscribe('tracing:@x/auth:exchange:asyncEnd', (message) => {
    const { mechanism, outcome, error } = /** @type {import('@x/auth-core').ExchangeEvent} */ (message)
    logins.add(1, { outcome, mechanism: mechanism ?? 'none', ...errorType(error) })
  })
  subscribe('tracing:@x/auth:credentials:asyncEnd', (message) => {
    const event = /** @type {import('@x/auth-core').CredentialsEvent} */ (message)
    const { key, reason, outcome, durationMs = 0, error } = event
    latest.set(key, event)
    fetches.add(1, { reason, outcome, ...errorType(error) })
    duration.record(durationMs / 1_000, { outcome })
  })
  age.addCallback((result) => {
    for (const [key, { fetchedAt }] of latest) {
      if (fetchedAt) result.observe((Date.now() - fetchedAt.getTime()) / 1_000, { key })
    }
  })
  left.addCallback((result) => {
    for (const [key, { expiresAt }] of latest) {
      if (expiresAt) result.observe((expiresAt.getTime() - Date.now()) / 1_000, { key })
    }
  })
  failing.addCallback((result) => {
    for (const [key, { failures }] of latest) result.observe(failures, { key })
  })
}

/**
 * Leaves out undefined attributes: the collector would get them as empty ones.
 *
 * @param {import('@x/auth-core').AuthError | undefined} error
 */
function errorType(error) {
  return error ? { 'error.type': error.code } : {}
}
// #endregion metrics
