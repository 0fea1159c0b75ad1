/**
 * Renders every clause of the conformance suites as a page with anchors, and checks that the threat model links each promise to a
 * clause.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from './lib.mjs'

const require = createRequire(import.meta.url)

/** Maps the title of a suite to the export with its clauses, and to their subject. */
const suites = {
  Providers: ['providerClauses', 'A provider …'],
  Mechanisms: ['mechanismClauses', 'A mechanism …'],
  'Credential sources': ['sourceClauses', 'A source …'],
  'TLS options': ['tlsClauses', 'The options …'],
  'A provider with its connections': ['connectionClauses', 'A login, or its record …'],
  'Checks of a client': ['clientClauses', 'A check of options, or a provider of routes …'],
}

/** The sections of the threat model that promise nothing. */
const withoutPromise = ['Who is trusted', 'What is not promised']

function clausesOf(name) {
  return require(join(root, 'packages/auth-conformance/dist/index.js'))[name]
}

/** The text between the marks of docs/clauses.md. */
export function renderClauses() {
  return Object.entries(suites)
    .flatMap(([title, [name, subject]]) => [
      `## ${title}`,
      '',
      `| clause | level | ${subject} | follows from |`,
      '|---|---|---|---|',
      ...clausesOf(name).map(
        ({ id, level, title: promise, source }) =>
          `| <a id="${id.toLowerCase()}"></a>${id} | ${level} | ${cell(promise)} | ${cell(source)} |`,
      ),
      '',
    ])
    .join('\n')
    .trimEnd()
}

/**
 * Returns a line for each problem with the links of docs/threat-model.md: a promise (a row of a table, or a section without
 * a table) that names no clause and no test, a clause that does not exist, a test that the file does not have.
 */
export function unprovenPromises() {
  const page = readFileSync(join(root, 'docs/threat-model.md'), 'utf8')
  const ids = Object.values(suites).flatMap(([name]) => clausesOf(name).map(({ id }) => id))
  return page
    .split(/^## /m)
    .slice(1)
    .flatMap((section) => {
      const heading = section.slice(0, section.indexOf('\n'))
      if (withoutPromise.includes(heading)) return []
      const rows = section.split('\n').filter((line) => /^\| /.test(line))
      const promises = rows.length > 0 ? rows.slice(1) : [section]
      return promises.flatMap((promise) => complaintsAbout(promise, `${heading}: ${shortly(promise)}`, ids))
    })
}

function complaintsAbout(promise, where, ids) {
  const clauses = [...promise.matchAll(/\[([A-Z]+-\d+)\]\(clauses\.md#([\w-]+)\)/g)]
  const tests = [...promise.matchAll(/\[([^\]]+)\]\(\.\.\/(\S+\.test\.ts)\)/g)]
  return [
    ...(clauses.length + tests.length > 0 ? [] : [`${where}: no clause and no test checks it`]),
    ...clauses
      .filter(([, id, anchor]) => !ids.includes(id) || anchor !== id.toLowerCase())
      .map(([, id]) => `${where}: there is no clause ${id}`),
    ...tests
      .filter(([, title, file]) => !has(file, title))
      .map(([, title, file]) => `${where}: ${file} has no test '${title}'`),
  ]
}

function has(file, title) {
  return existsSync(join(root, file)) && readFileSync(join(root, file), 'utf8').includes(title)
}

function shortly(text) {
  return text.replaceAll('\n', ' ').slice(0, 70)
}

function cell(text) {
  return text.replaceAll('|', '\\|')
}
