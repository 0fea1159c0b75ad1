import { loginMetrics, stormOfLogins } from '../lib/logins.mjs'
import { passwordServer, passwordSubjects } from '../lib/plain-text.mjs'

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'A storm of 500 connections',
  about:
    "500 connections of the driver opened in one go, as when a node comes back; three times, after ten, by when the JIT has compiled what it will; and the first storm of a process. The driver's class behind its pools is used directly, because a Client opens one after another.",
  metrics: loginMetrics,
  reference: 'stock',
  subjects: passwordSubjects(stormOfLogins),
  goals: [{ subject: 'ours', metric: 'cpu', atMost: 1.1 }],
  setUp: passwordServer,
}
