import type { Paste } from '../report.js'
import { Code, literal } from './literal.js'
import { Call, type Known, type Property, type Recipe, recipeOf } from './recipe.js'

/** The code for one server, in three forms, and what to install for it. */
export function pasteFor(known: Known): Paste {
  const recipe = recipeOf(known)
  const packages = [...Object.keys(recipe.imports), 'cassandra-driver']
  return {
    install: `npm install ${packages.join(' ')}`,
    esm: [
      ...esmImports(recipe),
      '',
      `export const options = ${optionsOf(recipe)}`,
      '',
      'export const client = new Client(options)',
      '',
    ].join('\n'),
    commonjs: [
      ...requires(recipe),
      '',
      `const options = ${optionsOf(recipe)}`,
      '',
      'module.exports = { options, client: new Client(options) }',
      '',
    ].join('\n'),
    typescript: [
      ...esmImports(recipe, ', type ClientOptions'),
      '',
      `export const options: ClientOptions = ${optionsOf(recipe)}`,
      '',
      'export const client = new Client(options)',
      '',
    ].join('\n'),
    environment: recipe.environment,
  }
}

/** A longer call has one line for each property. */
const maxLine = 80

function esmImports({ imports }: Recipe, more = ''): string[] {
  const own = Object.entries(imports).map(([from, names]) => `import { ${names.join(', ')} } from '${from}'`)
  return [...own, `import { Client${more} } from 'cassandra-driver'`]
}

function requires({ imports }: Recipe): string[] {
  const own = Object.entries(imports).map(
    ([from, names]) => `const { ${names.join(', ')} } = require('${from}')`,
  )
  return [...own, "const { Client } = require('cassandra-driver')"]
}

function optionsOf({ maker, properties, choices }: Recipe): string {
  const lines = properties.flatMap(propertyLines)
  if (!choices) return [`${maker}({`, ...lines.map((line) => `  ${line}`), '})'].join('\n')
  return [
    `${maker}(`,
    '  {',
    ...lines.map((line) => `    ${line}`),
    '  },',
    ...(choices.remark === undefined ? [] : [`  // ${choices.remark}`]),
    `  ${literal({ [choices.name]: choices.value })},`,
    ')',
  ].join('\n')
}

function propertyLines({ name, value, remark }: Property): string[] {
  const line = name === undefined ? `...${written(value)},` : `${name}: ${written(value)},`
  return [...(remark === undefined ? [] : [`// ${remark}`]), ...line.split('\n')]
}

function written(value: unknown): string {
  if (!(value instanceof Call)) return literal(value)
  const isClass = /^[A-Z]/.test(value.name)
  const given = Object.entries(value.options).filter(([, each]) => each !== undefined)
  const inner = Object.fromEntries(
    given.map(([key, each]) => [key, each instanceof Call ? new Code(written(each)) : each]),
  )
  const head = `${isClass ? 'new ' : ''}${value.name}(`
  if (given.length === 0) return `${head})`
  const line = `${head}${literal(inner)})`
  if (line.length <= maxLine) return line
  return [
    `${head}{`,
    ...Object.entries(inner).map(([key, each]) => `  ${key}: ${literal(each)},`),
    '})',
  ].join('\n')
}
