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

\`npm run soak\` works on three real nodes of Cassandra with ${numbers[users.length]} applications of ours, and with as many of the control: the same queries and the same
connections, by the driver's own provider, with passwords and certificates that stay. Then it changes, in random order, all that our clients log in by, and
between two changes, or during one, it breaks something. What breaks, breaks for both. The control says what a restart or a cut costs anybody.

\`\`\`sh
npm run soak                              # an hour
npm run soak -- --minutes 10              # ten minutes, as CI runs it each night
npm run soak -- --seed ${data.seed}        # the order of the run below
\`\`\`

## The last run

![Time line: queries per second of both sides, each change and each chaos, what failed, and the heap](soak/timeline.svg)

A green bar is a change, from its first step until all clients have all their connections again; a red one is chaos. The lines are the queries of
our clients and of the control. Where a node is paused, what it was asked waits: the driver asks another node after 12 s.

| | our clients | the control |
| --- | --: | --: |
| queries | ${grouped(totals.ours.queries)} | ${grouped(totals.control.queries)} |
| failed | **${totals.ours.failed}** | ${totals.control.failed} |
| beside these: a node's own errors (see below) | ${sum(nodesOwn.ours)} | ${sum(nodesOwn.control)} |
| growth of the heap, MiB (see below) | ${mebibytes(memory.ours.bytes)} | ${mebibytes(memory.control.bytes)} |

| | |
| --- | --- |
| changes, and chaos between them | ${changes}, ${runs.length - changes} |
| logins of our clients | ${grouped(totals.ours.logins)} |
| connections of our clients | ${data.connections} |
| events on diagnostics channels | ${grouped(runs.reduce((sum, { events }) => sum + events, 0))}, of which ${grouped(runs.reduce((sum, { trouble }) => sum + trouble, 0))} tell of a failure; each belongs to the change or the chaos of its time |
| time | ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} of queries |
| seed | ${data.seed} |
| versions | Cassandra ${data.release}, cassandra-driver ${data.driver}, Node.js ${data.node}, ${data.platform} |
| day | ${data.date}; all numbers are in [run.json](soak/run.json) |

What was checked:

${checks.map(({ what, complaints }) => `- ${complaints.length === 0 ? '✓' : '✗'} ${what}${complaints.map((complaint) => `\n  - ${complaint}`).join('')}`).join('\n')}

${data.note ? `${data.note}\n\n` : ''}## What is counted
- **A failed query** is one whose promise was rejected: what an application would notice. Queries are idempotent, with consistency LOCAL_ONE and the
  driver's default policy for repeats, so that the driver itself tries another node.
- **The verdict.** The run fails by one query of ours: where a login is its reason, or where the kind of its time says that none may fail. It fails by one query of the control, too, where none
  may fail: then the kind does more than it says. Where a node ends, stands still or is out of reach, a query may fail for anybody, so one query more or less proves nothing.
  The run fails there if so many of all failed queries are ours that chance gives that in fewer than 1 of ${Math.round(1 / rarely)} runs (binomial, by the share of queries): with none of the control, ten of ours. In this run
  ${beyond > 0 ? `${beyond} more failed of ours, which chance gives with a probability of ${chance(totals).toFixed(3)}` : 'no more failed of ours than of the control'}.
- **A node's own errors** are counted apart. The connection works, the login was right, and the node says that it cannot answer: it wanted to look the role of a query up,
  and the node that it asked had just ended; or it stood still, dropped what it should have read meanwhile, and says so five seconds later, which the driver does not repeat.
  Either meets any client at random.${said(nodesOwn)}
- **The memory** is the heap and what is outside of it, after a collection, every five seconds. Its growth is the median slope (Theil and Sen) over the
  *logins* of the process, without the first quarter, times their number. At most 4 MiB, for code that is compiled as it gets warm, and 64 bytes for each login: ${mebibytes(memory.ours.bound)} MiB here. What leaks, leaks with
  what is done, so a slow machine changes nothing. Counted were ${memory.ours.samples} collections and ${grouped(memory.ours.logins)} logins. For the control, connections stand for logins.
- **At the end** both processes close their clients and must end by themselves, with no handle that was not there at their beginning.
- **Every event is explained.** Each kind below declares the events that must be seen, and those of failures that belong to it; where chaos comes during a change, both do, and what is counted is shown with the chaos. An event that is missing fails the run, and so
  does an event of a failure that nothing declares.

## The kinds

Half of the chaos comes while a change runs, by the seed, where the two touch nothing in common: a node is not killed by one while the other restarts it.

The events are those of the channels \`@x/auth:exchange\` (a login), \`@x/auth:credentials\` (a question to a source), \`@x/auth:migration\` (the old way of \`migrate\`) and
\`@x/tls:rotation\` (files of a profile). Each run lasts until all clients have all their connections again. That may take 12 s more where a connection was cut
during its login: the driver notices that by its time-out alone.

${['change', 'chaos'].map((sort) => section(sort, kinds, data)).join('\n\n')}

The events that tell of a failure, all of them explained:

| event | times |
| --- | --: |
${Object.entries(data.trouble)
  .map(([event, count]) => `| \`${event}\` | ${count} |`)
  .join('\n')}

Each kind is a file of \`interop/soak/changes\` or \`interop/soak/chaos\`. A file more there is a row more here; one that lacks a part is an error that names it.
The clock is that of the clients' processes, by libfaketime: what the time is jumps, and timers go on, as on a machine whose clock is set.
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
      ([what, count]) => `to ${side === 'ours' ? 'our clients' : 'the control'} ${count} ×: ${what}`,
    ),
  )
  return parts.length > 0 ? ` In this run ${parts.join('; ')}.` : ' In this run there were none.'
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
    '| | what is done | what undoes it | events that must be seen | times | median, s | failed: ours, control |',
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
