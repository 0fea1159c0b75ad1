/**
 * Renders the defaults of all options as the rows of docs/defaults.md, from the bags of the built packages. `optionBag`
 * reports each bag that is made while the files load, so every bag is found.
 */
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { publicPackages } from './lib.mjs'

const require = createRequire(import.meta.url)

/** All bags of all packages, or of the named packages: `{ name, bags }`. */
export function bagsByPackage(names) {
  const found = publicPackages()
    .filter(({ name }) => !names || names.includes(name))
    .map(({ name, folder }) => ({ name, dist: join(folder, 'dist'), bags: [] }))
  for (const { dist } of found) record(dist, found)
  for (const { dist } of found) for (const file of filesBelow(dist)) require(file)
  return found.map(({ name, bags }) => ({ name, bags: bags.sort((a, b) => (a.who < b.who ? -1 : 1)) }))
}

/** Replaces the function `optionBag` of this package with one that records each bag for the package that calls it. */
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

/** All files except programs, which would run when they are loaded. */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.js') && !/(^|\/)(cli|worker)\.js$/.test(file))
    .sort()
    .map((file) => join(folder, file))
}

/** Throws if defaults have no reason, and names each of them. */
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

/** An option that is the same in several bags becomes one row, at its first place. */
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
