import { loginMetrics, pooledLogins } from '../lib/logins.mjs'
import { passwordServer, passwordSubjects } from '../lib/plain-text.mjs'

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'A login, one after another',
  about:
    'A Client opens a pool of 100 connections; the driver opens them one by one. Ten pools are measured after thirty, when the JIT has finished, and the first pool of a process. The server has its own process.',
  metrics: loginMetrics,
  reference: 'stock',
  subjects: passwordSubjects(pooledLogins),
  goals: [{ subject: 'ours', metric: 'cpu', notAboveReference: true }],
  setUp: passwordServer,
}
