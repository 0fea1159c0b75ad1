/** The matrix mechanism × server of a run, as text and in the documents that show it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from './paths.mjs'

/** @typedef {import('./matrix.mjs').Entry} Entry */

/** The first rows and columns, in this order; the others follow by name. */
const mechanismOrder = [
  'PLAIN',
  'SCRAM-SHA-1',
  'SCRAM-SHA-256',
  'SCRAM-SHA-512',
  'SCRAM-SHA-1-PLUS',
  'SCRAM-SHA-256-PLUS',
  'SCRAM-SHA-512-PLUS',
  'DIGEST-MD5',
  'CRAM-MD5',
  'GSSAPI',
  'OAUTHBEARER',
  'EXTERNAL',
  'ANONYMOUS',
  'TLS, one way',
  'TLS, both ways',
]
const serverOrder = [
  'JDK',
  'Elytron',
  'Kafka',
  'libgsasl',
  'Cyrus',
  'scramp',
  'MIT krb5',
  'Cassandra 4.1',
  'Cassandra 5.0',
  'Cassandra 6.0',
]

/** The documents that show the matrix of a whole run between the markers. The first must have them, the others may. */
const documents = ['interop/README.md', 'README.md', 'docs/sasl.md']
export const markers = /** @type {const} */ ([
  '<!-- matrix: made by interop/run.mjs --write -->',
  '<!-- /matrix -->',
])

/**
 * The matrix in Markdown, with padded columns, so that it is readable on a terminal too.
 *
 * @param {readonly Entry[]} entries
 */
export function matrixTable(entries) {
  const servers = ordered(
    entries.map(({ server }) => server),
    serverOrder,
  )
  const mechanisms = ordered(
    entries.map(({ mechanism }) => mechanism),
    mechanismOrder,
  )
  const rows = [
    ['', ...servers],
    ...mechanisms.map((mechanism) => [
      mechanism,
      ...servers.map((server) =>
        cell(entries.filter((e) => e.mechanism === mechanism && e.server === server)),
      ),
    ]),
  ]
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = rows
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}

/** A cell with numbers of tests. @param {readonly Entry[]} entries */
function cell(entries) {
  const count = (/** @type {Entry['outcome']} */ wanted) =>
    entries.filter(({ outcome }) => outcome === wanted).length
  const [works, differs, failed] = [count('works'), count('differs'), count('failed')]
  if (failed > 0) return `FAILED ${failed}`
  return [works > 0 && `${works}`, differs > 0 && `${differs} differ`].filter(Boolean).join(', ') || '–'
}

/**
 * @param {readonly Entry[]} entries of a complete run
 * @param {{ write: boolean, root?: string }} how `write`: writes into the documents; otherwise they are compared
 * @returns {string[]} the documents with another matrix
 */
export function documentMatrix(entries, { write, root = repositoryRoot }) {
  return documents.filter((document, index) => {
    const file = join(root, document)
    const before = readFileSync(file, 'utf8')
    const place = placeIn(before)
    if (!place && index > 0) return false
    if (!place) throw new Error(`${document} has no place for the matrix, between ${markers.join(' and ')}`)
    const after = [place.before, matrixTable(entries), place.after].join('\n')
    if (write) writeFileSync(file, after)
    return !write && after !== before
  })
}

/** The text around the matrix, including the markers. @param {string} text */
function placeIn(text) {
  const [begin, end] = markers
  const from = text.indexOf(begin)
  const to = text.indexOf(end, from)
  return from < 0 || to < 0
    ? undefined
    : { before: text.slice(0, from + begin.length), after: text.slice(to) }
}

/** @param {readonly string[]} names @param {readonly string[]} order */
function ordered(names, order) {
  const place = (/** @type {string} */ name) => (order.includes(name) ? order.indexOf(name) : order.length)
  return [...new Set(names)].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
}
