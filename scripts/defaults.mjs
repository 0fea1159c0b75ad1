/**
 * The defaults of all options as the rows of docs/defaults.md, from the bags of the built packages: `optionBag` tells us of
 * each that is made while their files load, so that a bag is found wherever it stands.
 */
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { publicPackages } from './lib.mjs'

const require = createRequire(import.meta.url)

/** Their defaults imitate a server or a run of tests, and are not those of an application: they stand with their docstrings. */
export const testTools = ['@x/auth-testserver', '@x/auth-conformance']

/** All bags of all packages, or of those named: `{ name, bags }`. */
export function bagsByPackage(names) {
  const found = publicPackages()
    .filter(({ name }) => !names || names.includes(name))
    .map(({ name, folder }) => ({ name, dist: join(folder, 'dist'), bags: [] }))
  for (const { dist } of found) record(dist, found)
  for (const { dist } of found) for (const file of filesBelow(dist)) require(file)
  return found.map(({ name, bags }) => ({ name, bags: bags.sort((a, b) => (a.who < b.who ? -1 : 1)) }))
}

/** Anyone who makes a bag by the function of this package is put down with it. */
function record(dist, found) {
  const file = join(dist, 'lib/options/option-spec.js')
  if (!existsSync(file)) return
  if (require.cache[file])
    throw new Error(`${file} is loaded already, so the bags made until now were not seen`)
  const spec = require(file)
  const { optionBag } = spec
  spec.optionBag = (who, options) => {
    const bag = optionBag(who, options)
    const [, line] = new Error('where').stack.split('\n    at ').slice(1)
    found.find((each) => line.includes(each.dist))?.bags.push(bag)
    return bag
  }
}

/** Except those that are programs: they run when they are loaded. */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.js') && !/(^|\/)(cli|worker)\.js$/.test(file))
    .sort()
    .map((file) => join(folder, file))
}

/** Throws where a default has no reason, and names each. */
export function renderDefaults(packages) {
  const problems = []
  const sections = packages.map(({ name, bags }) => ({
    name,
    rows: bags.flatMap((bag) => rowsOf(bag, problems)),
  }))
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return mergeEqual(sections)
    .flatMap(({ name, rows }) => [
      `## \`${name}\``,
      '',
      '| option | of | default | reason |',
      '|---|---|---|---|',
      ...rows.map(
        ({ option, of, value, why }) =>
          `| \`${option}\` | ${of.map((who) => `\`${who}\``).join(', ')} | ${value} | ${why} |`,
      ),
      '',
    ])
    .join('\n')
}

function rowsOf({ who, options }, problems) {
  return Object.entries(options).flatMap(([option, { initial, why, shown, required }]) => {
    if (required || (initial === undefined && why === undefined)) return []
    const value = shown ?? display(initial)
    if (why === undefined) problems.push(`The option ${option} of ${who} has a default and no \`why\`.`)
    if (value === undefined)
      problems.push(`The option ${option} of ${who} has a default that needs a \`shown\`.`)
    return [{ option, of: [who], value: cell(value ?? ''), why: cell(why ?? '') }]
  })
}

/** An option that several have alike is one row, where it is first. */
function mergeEqual(sections) {
  const seen = new Map()
  for (const { rows } of sections) {
    for (const row of [...rows]) {
      const key = `${row.option}|${row.value}|${row.why}`
      const first = seen.get(key)
      if (first === undefined) seen.set(key, row)
      else {
        for (const who of row.of) if (!first.of.includes(who)) first.of.push(who)
        rows.splice(rows.indexOf(row), 1)
      }
    }
  }
  return sections.filter(({ rows }) => rows.length > 0)
}

function display(value) {
  if (typeof value === 'number') return String(value).replace(/\B(?=(\d{3})+$)/g, ' ')
  if (typeof value === 'string') return `\`'${value}'\``
  if (typeof value === 'boolean') return String(value)
  return Array.isArray(value) && value.length === 0 ? 'none' : undefined
}

function cell(text) {
  return text.replaceAll('|', '\\|')
}
