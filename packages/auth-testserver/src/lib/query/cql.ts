/** The few statements that the server itself understands. */
export type Statement =
  | { kind: 'use'; keyspace: string }
  | {
      kind: 'select'
      keyspace: string | undefined
      table: string
      /** `'*'`, or the selected columns with their names in the result. */
      selected: '*' | readonly { column: string; as: string }[]
      where: readonly { column: string; value: Term }[]
      limit: number | undefined
    }
  | { kind: 'other'; verb: string }

/** A literal, or a bind marker by its position. */
export type Term = { literal: string } | { marker: number }

const name = '(?:"(?:[^"]|"")+"|[a-zA-Z][a-zA-Z0-9_]*)'
const selectPattern = new RegExp(
  `^SELECT\\s+(.+?)\\s+FROM\\s+(?:(${name})\\s*\\.\\s*)?(${name})(?:\\s+WHERE\\s+(.+?))?(?:\\s+LIMIT\\s+(\\d+))?(?:\\s+ALLOW\\s+FILTERING)?$`,
  'is',
)
const usePattern = new RegExp(`^USE\\s+(${name})$`, 'i')
const conditionPattern = new RegExp(
  `^(${name})\\s*=\\s*(\\?|:[a-z]\\w*|'(?:[^']|'')*'|[0-9a-f]{8}-[0-9a-f-]{27}|-?\\d+)$`,
  'i',
)
const selectorPattern = new RegExp(
  `^(${name}|count\\(\\s*[*1]\\s*\\)|now\\(\\s*\\))(?:\\s+AS\\s+(${name}))?$`,
  'i',
)
const verbs =
  /^(?:INSERT|UPDATE|DELETE|BEGIN|APPLY|CREATE|ALTER|DROP|TRUNCATE|GRANT|REVOKE|LIST|DESC(?:RIBE)?|ADD)\b/i

/** The server itself does not parse longer CQL: the patterns above are for the statements of a driver. */
const longest = 4096

/** Parses a statement; undefined if the server does not understand it. */
export function parse(text: string): Statement | undefined {
  const cql = text.trim().replace(/\s*;$/, '')
  if (cql.length > longest) return undefined
  const use = usePattern.exec(cql)
  if (use?.[1] !== undefined) return { kind: 'use', keyspace: identifier(use[1]) }
  const select = selectPattern.exec(cql)
  if (select !== null) return parseSelect(select)
  const verb = verbs.exec(cql)
  return verb === null ? undefined : { kind: 'other', verb: verb[0].toUpperCase() }
}

function parseSelect([, what = '', keyspace, table = '', where, limit]: RegExpExecArray):
  | Statement
  | undefined {
  const selected = what === '*' ? '*' : parseSelectors(what)
  const conditions = where === undefined ? [] : parseConditions(where)
  if (selected === undefined || conditions === undefined) return undefined
  return {
    kind: 'select',
    keyspace: keyspace === undefined ? undefined : identifier(keyspace),
    table: identifier(table),
    selected,
    where: conditions,
    limit: limit === undefined ? undefined : Number(limit),
  }
}

function parseSelectors(what: string): { column: string; as: string }[] | undefined {
  const selectors: { column: string; as: string }[] = []
  for (const part of what.split(',')) {
    const match = selectorPattern.exec(part.trim())
    if (match?.[1] === undefined) return undefined
    const column = match[1].includes('(')
      ? match[1].toLowerCase().replaceAll(/\s/g, '')
      : identifier(match[1])
    const own = column.startsWith('count(') ? 'count' : column === 'now()' ? 'system.now()' : column
    selectors.push({ column, as: match[2] === undefined ? own : identifier(match[2]) })
  }
  return selectors
}

function parseConditions(where: string): { column: string; value: Term }[] | undefined {
  const conditions: { column: string; value: Term }[] = []
  let markers = 0
  for (const part of where.split(/\s+AND\s+/i)) {
    const match = conditionPattern.exec(part.trim())
    if (match?.[1] === undefined || match[2] === undefined) return undefined
    const isMarker = match[2].startsWith('?') || match[2].startsWith(':')
    const value: Term = isMarker ? { marker: markers++ } : { literal: literal(match[2]) }
    conditions.push({ column: identifier(match[1]), value })
  }
  return conditions
}

function literal(term: string): string {
  return term.startsWith("'") ? term.slice(1, -1).replaceAll("''", "'") : term
}

/** Unquoted names are lower case. */
function identifier(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase()
}

/** The number of bind markers in any CQL, outside of strings and comments. */
export function countMarkers(cql: string): number {
  const bare = cql.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, ' ')
  return bare.match(/\?|(?<![:\w]):[a-zA-Z]\w*/g)?.length ?? 0
}
