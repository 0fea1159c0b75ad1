/** The page of a soak. */
import { users } from '../client/users.mjs'
import { chance, rarely } from '../lib/verdict.mjs'

/** @param {readonly import('../declaration.mjs').Kind[]} kinds @param {import('./files.mjs').Data} data */
export function page(kinds, data) {
  const { totals, memory, runs, seconds, checks, nodesOwn } = data
  const changes = runs.filter(({ sort }) => sort === 'change').length
  const minutes = Math.round(seconds / 60)
  const beyond = totals.ours.failed - totals.control.failed
  const mebibytes = (/** @type {number} */ bytes) => (bytes / 1_048_576).toFixed(2)
  return `# The soak: everything changes, and breaks, while queries run

<!-- Written by \`npm run soak -- --write\`, from soak/run.json; do not edit. -->

The soak is a long test. It answers the question: do logins keep working for hours while passwords, certificates and servers change and fail? \`npm run soak\` starts
three real nodes of Cassandra and ${numbers[users.length]} applications with our packages. Next to them runs a control: as many applications with the same queries and the same number of
connections, with the driver's own provider, and with passwords and certificates that never change.

The soak then changes, in random order, everything that our applications use to log in. Between two changes, or during one, it breaks something: this is called
chaos here. Chaos affects both sides, so the control shows what a restart or a cut costs any client.

\`\`\`sh
npm run soak                              # one hour
npm run soak -- --minutes 10              # ten minutes, as CI runs it each night
npm run soak -- --seed ${data.seed}        # the order of the run below
\`\`\`

## The last run

![Time line: queries per second of both sides, each change and each chaos, what failed, and the heap](soak/timeline.svg)

A green bar is a change, from its first step until all clients have all their connections again. A red bar is chaos. The lines are the queries per second of
our clients and of the control. They fall while a node is paused, because its queries wait: the driver asks another node after 12 s.

| | our clients | the control |
| --- | --: | --: |
| queries | ${grouped(totals.ours.queries)} | ${grouped(totals.control.queries)} |
| failed | **${totals.ours.failed}** | ${totals.control.failed} |
| not counted there: a node's own errors (see below) | ${sum(nodesOwn.ours)} | ${sum(nodesOwn.control)} |
| growth of the heap, MiB (see below) | ${mebibytes(memory.ours.bytes)} | ${mebibytes(memory.control.bytes)} |

| | |
| --- | --- |
| changes, and chaos | ${changes}, ${runs.length - changes} |
| logins of our clients | ${grouped(totals.ours.logins)} |
| connections of our clients | ${data.connections} |
| events on diagnostics channels | ${grouped(runs.reduce((sum, { events }) => sum + events, 0))}, of which ${grouped(runs.reduce((sum, { trouble }) => sum + trouble, 0))} report a failure; each of them belongs to the change or the chaos at its time |
| time | ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} of queries |
| seed | ${data.seed} |
| versions | Cassandra ${data.release}, cassandra-driver ${data.driver}, Node.js ${data.node}, ${data.platform} |
| day | ${data.date}; all numbers are in [run.json](soak/run.json) |

What was checked:

${checks.map(({ what, complaints }) => `- ${complaints.length === 0 ? '✓' : '✗'} ${what}${complaints.map((complaint) => `\n  - ${complaint}`).join('')}`).join('\n')}

${data.note ? `${data.note}\n\n` : ''}## What is counted
- **A failed query** is a query whose promise was rejected, so that an application would notice it. The queries are idempotent, with consistency LOCAL_ONE and the
  driver's default retry policy, so that the driver itself tries another node.
- **The verdict.** The run fails if a single query of ours fails because of a login, or during a change or chaos that declares that no query may fail. It also fails if a query of the control
  fails during one of these, because then the change does more than it declares. If a node ends, is paused or cannot be reached, a query may fail for any client, so a few queries prove nothing.
  Then the run fails if the share of our queries among all failed ones is so large that it happens by chance in fewer than 1 of ${Math.round(1 / rarely)} runs (binomial distribution). If no query of the
  control fails, about ten failed queries of ours are too many. In this run, ${beyond > 0 ? `${beyond} more queries of ours failed, which happens by chance with a probability of ${chance(totals).toFixed(3)}` : 'not more queries of ours failed than of the control'}.
- **A node's own errors** are counted separately. In these, the connection works, the login was right, and the node reports that it cannot answer. Either it wanted to look up the role of a query
  on another node, which had just ended; or it was paused, dropped what it should have read, and reports this five seconds later, which the driver does not repeat.
  Both can happen to any client.${said(nodesOwn)}
- **The memory** is the heap and the memory outside of it, measured after a garbage collection, every five seconds. Its growth is the median slope (Theil–Sen) over the
  *logins* of the process, without the first quarter, multiplied by their number. The limit is 4 MiB, for code that is compiled later, and 64 bytes for each login: ${mebibytes(memory.ours.bound)} MiB here. A leak grows
  with the logins and not with the time, so a slow machine does not change the result. This run has ${memory.ours.samples} measurements and ${grouped(memory.ours.logins)} logins. For the control, connections are counted instead of logins.
- **At the end**, both processes close their clients. They must then end without \`process.exit()\`, and have no handle that they did not have at their beginning.
- **Every event is explained.** Each kind of change or chaos below declares the events that must be seen, and the events of failures that belong to it. If chaos comes during a change, both kinds apply, and the table counts the events
  with the chaos. The run fails if a declared event is missing, or if there is an event of a failure that no kind declares.

## The kinds

The seed decides the order. Half of the chaos comes during a change, if the two do not touch the same thing: for example, no node is killed while a change restarts it.

The events are those of the diagnostics channels \`@x/auth:exchange\` (a login), \`@x/auth:credentials\` (a request to a source), \`@x/auth:migration\` (the old way of \`migrate\`) and
\`@x/tls:rotation\` (files of a profile). A change or chaos is over when all clients have all their connections again. This takes 12 s more if a connection was cut
during its login, because the driver notices that only by its time-out.

${['change', 'chaos'].map((sort) => section(sort, kinds, data)).join('\n\n')}

These events report a failure. All of them are explained:

| event | times |
| --- | --: |
${Object.entries(data.trouble)
  .map(([event, count]) => `| \`${event}\` | ${count} |`)
  .join('\n')}

Each kind is a file in \`interop/soak/changes\` or \`interop/soak/chaos\`. A new file there makes a new row here; if a file lacks a part, an error names the part.
The clock is the one of the clients' processes, changed by libfaketime: the time jumps, and timers go on, as on a machine whose clock is set.
`
}

const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']

/** @param {Readonly<Record<string, number>>} counts */
function sum(counts) {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

/** What nodes said in this run. @param {import('./files.mjs').Data['nodesOwn']} nodesOwn */
function said(nodesOwn) {
  const parts = /** @type {const} */ (['ours', 'control']).flatMap((side) =>
    Object.entries(nodesOwn[side]).map(
      ([what, count]) => `${side === 'ours' ? 'our clients' : 'the control'} got ${count}: ${what}`,
    ),
  )
  return parts.length > 0 ? ` In this run, ${parts.join('; ')}.` : ' In this run, there were none.'
}

/** @param {string} sort @param {readonly import('../declaration.mjs').Kind[]} kinds @param {import('./files.mjs').Data} data */
function section(sort, kinds, data) {
  const rows = kinds
    .filter((kind) => kind.sort === sort)
    .map(({ name, title, about, undo, explains }) => {
      const own = data.runs.filter((run) => run.name === name)
      const times = own.map(({ from, to }) => to - from).sort((a, b) => a - b)
      const median = times[Math.floor(times.length / 2)]
      const failed = (/** @type {'ours' | 'control'} */ side) =>
        own.reduce((sum, run) => sum + run.failed[side], 0)
      const events = [...new Set(Object.values(explains).map(described))].join('; ')
      return `| ${title} | ${about} | ${undo} | ${events} | ${own.length} | ${median === undefined ? '–' : median.toFixed(1)} | ${failed('ours')}, ${failed('control')} |`
    })
  return [
    `### ${sort === 'change' ? 'Changes' : 'Chaos'}`,
    '',
    '| | what happens | what undoes it | events that must be seen | times | median duration, s | failed: ours, control |',
    '| --- | --- | --- | --- | --: | --: | --: |',
    ...rows,
  ].join('\n')
}

/** @param {import('../declaration.mjs').Pattern} pattern */
function described({ channel, user, outcome, kind, mechanism, each }) {
  const who = [user && `of \`${user}\``, each && `for each ${each}`].filter(Boolean).join(', ')
  const which = mechanism ? ` by ${mechanism.source.replace(/[\^$]/g, '')}` : ''
  return `${channel} ${(outcome ?? kind ?? []).join(' or ')}${which}${who ? `, ${who}` : ''}`
}

/** @param {number} number */
function grouped(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ' ')
}
