import { loginMetrics, pooledLogins } from '../lib/logins.mjs'
import { passwordServer, passwordSubjects } from '../lib/plain-text.mjs'

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'A login, one after another',
  about:
    'A Client opens a pool of 100 connections, which the driver does one by one; ten pools, after thirty, by when the JIT has compiled what it will; and the first pool of a process. The server has a process of its own.',
  metrics: loginMetrics,
  reference: 'stock',
  subjects: passwordSubjects(pooledLogins),
  goals: [{ subject: 'ours', metric: 'cpu', notAboveReference: true }],
  setUp: passwordServer,
}
