// #region spans
import { subscribe } from 'node:diagnostics_channel'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { parseEndpoint } from '@x/auth-core'

/**
 * Maps a tracing channel to its span. The attributes are read when the event has ended.
 *
 * @type {Record<string, Traced>}
 */
const traced = {
  '@x/auth:exchange': {
    name: 'cassandra login',
    kind: SpanKind.CLIENT,
    attributes: ({ endpoint, mechanism, outcome, serverVerified }) => ({
      'db.system.name': 'cassandra',
      'server.address': parseEndpoint(endpoint).address,
      'server.port': parseEndpoint(endpoint).port,
      'auth.mechanism': mechanism,
      'auth.outcome': outcome,
      'auth.server_verified': serverVerified,
    }),
  },
  '@x/auth:credentials': {
    name: 'cassandra credentials',
    attributes: ({ key, reason, outcome, state }) => ({
      'auth.credentials.key': key,
      'auth.credentials.reason': reason,
      'auth.outcome': outcome,
      'auth.credentials.state': state,
    }),
  },
  '@x/tls:rotation': {
    name: 'cassandra certificates',
    attributes: ({ profile, trigger, outcome }) => ({
      'tls.profile': profile,
      'tls.rotation.trigger': trigger,
      'tls.rotation.outcome': outcome,
    }),
  },
}

/**
 * Makes a span for each login, each request to a credential source and each reload of certificates, inside the span that
 * was active at its start. No attribute contains a secret or a text of the server.
 * @param {import('@opentelemetry/api').Tracer} tracer
 */
export function authSpans(tracer) {
  for (const [channel, { name, kind, attributes }] of Object.entries(traced)) {
    /**
     * An event is the same object at its start and at its end.
     *
     * @type {WeakMap<object, import('@opentelemetry/api').Span>}
     */
    const open = new WeakMap()
    subscribe(`tracing:${channel}:start`, (event) => open.set(event, tracer.startSpan(name, { kind })))
    subscribe(`tracing:${channel}:asyncEnd`, (event) => {
      const span = open.get(event)
      // It began before the subscription.
      if (!span) return
      span.setAttributes(attributes(event))
      const { error } = event
      if (error) span.setAttribute('error.type', error.code).setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    })
  }
}
// #endregion spans

/** @typedef {{ name: string, kind?: SpanKind, attributes: (event: any) => import('@opentelemetry/api').Attributes }} Traced */
