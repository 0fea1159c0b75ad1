import { loginMetrics, stormOfLogins } from '../lib/logins.mjs'
import { passwordServer, passwordSubjects } from '../lib/plain-text.mjs'

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'A storm of 500 connections',
  about:
    "500 connections of the driver are opened at once, like after the return of a node: three storms after ten, when the JIT has finished, and the first storm of a process. The class of the driver's pool connections is used directly, because a Client opens one after another.",
  metrics: loginMetrics,
  reference: 'stock',
  subjects: passwordSubjects(stormOfLogins),
  goals: [{ subject: 'ours', metric: 'cpu', atMost: 1.1 }],
  setUp: passwordServer,
}
