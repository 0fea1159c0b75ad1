/** The child process in which subjects run. If a subject damages its process, that is a result. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { type Subject, suiteOf } from '../../suites.js'
import { describeValue } from '../time/waiting.js'
import { loadSubjects } from './load-subjects.js'
import type { FromWorker, Job, ToWorker } from './protocol.js'
import { limiter } from './run-all.js'
import { runClause } from './run-clause.js'

const current = new AsyncLocalStorage<Job>()
// Node.js calls these handlers in the context of the promise or of the callback, so both belong to a known clause.
process.on('unhandledRejection', (reason) => {
  say({ is: 'slipped', job: current.getStore(), reason: `unhandled rejection: ${describeValue(reason)}` })
})
process.on('uncaughtException', (error) => {
  say({ is: 'slipped', job: current.getStore(), reason: `uncaught exception: ${describeValue(error)}` })
})
process.on('message', (message: ToWorker) => {
  work(message).catch((error: unknown) => say({ is: 'failed', reason: describeValue(error) }))
})
process.on('disconnect', () => process.exit())

async function work(message: ToWorker): Promise<void> {
  const subjects = await loadSubjects(message.module)
  if (message.do === 'list') return say({ is: 'jobs', jobs: subjects.flatMap(jobsOf) })
  const limit = limiter(message.concurrency)
  await Promise.all(message.jobs.map((job) => limit(() => perform(subjects, job))))
  say({ is: 'done' })
}

function jobsOf(subject: Subject): Job[] {
  return suiteOf(subject).clauses.map(({ id, level, source, title }) => ({
    subject: subject.name,
    id,
    level,
    source,
    title,
  }))
}

async function perform(subjects: readonly Subject[], job: Job): Promise<void> {
  const subject = subjects.find(({ name }) => name === job.subject)
  const suite = subject && suiteOf(subject)
  const clause = suite?.clauses.find(({ id }) => id === job.id)
  if (!suite || !clause) throw new Error(`There is no ${job.subject} ${job.id}`)
  say({ is: 'started', job })
  const result = await current.run(job, () => runClause(suite, subject, clause))
  // A rejection counts as unhandled one turn of the event loop later.
  await new Promise((resolve) => setImmediate(resolve))
  say({ is: 'finished', job, result })
}

function say(message: FromWorker): void {
  process.send?.(message)
}
