/** Renders a row's result as text, for the terminal and for `docs/benchmarks.md`. */

/** @typedef {import('./row.mjs').Row} Row */
/** @typedef {import('./run-row.mjs').RowResult} RowResult */
/** @typedef {import('./statistics.mjs').Summary} Summary */

/**
 * The table, with its header first. A metric with a comparison has two columns: the comparison, then the value.
 * @param {Row} row
 * @param {RowResult} result
 * @returns {string[][]}
 */
export function table(row, result) {
  const metrics = Object.entries(row.metrics)
  const header = metrics.flatMap(([, { title, unit, against }]) => {
    const named = unit === '' ? title : `${title}, ${unit}`
    if (against === undefined) return [named]
    return against === 'ratio' ? [`${title}, ratio`, named] : [`${named}: more`, named]
  })
  const lines = Object.entries(row.subjects).map(([subject, { title }]) => [
    title,
    ...metrics.flatMap(([metric, { against }]) => {
      const cell = result.cells[subject]?.[metric]
      if (!cell) return []
      if (against === undefined) return [range(cell.value)]
      return [cell.comparison ? range(cell.comparison) : '', range(cell.value)]
    }),
  ])
  return [['', ...header], ...lines]
}

const signs = { met: '✓ met', open: '~ not resolved', missed: '✗ missed' }

/**
 * One line for each goal.
 * @param {Row} row
 * @param {RowResult} result
 */
export function goalLines(row, { verdicts }) {
  return verdicts.map(({ goal, outcome, measured }) => {
    const metric = row.metrics[goal.metric]
    const against = goal.reference ?? row.subjects[goal.subject]?.reference ?? row.reference ?? ''
    const reference = row.subjects[against]?.title
    const { median, low, high } = measured
    const interval = low < high ? `, 95 % interval ${number(low)}–${number(high)}` : ''
    const what = `${row.subjects[goal.subject]?.title}, ${metric?.title}`
    return `${signs[outcome]} ${what}: ${wanted(goal, metric, reference)} (measured ${number(median)}${interval})`
  })
}

/**
 * What a goal asks for, in words.
 * @param {import('./row.mjs').Goal} goal
 * @param {import('./row.mjs').Metric | undefined} metric
 * @param {string | undefined} reference
 */
function wanted({ atMost, atLeast, notAboveReference }, metric, reference) {
  if (notAboveReference) return `not measurably above ${reference}`
  const unit = metric?.unit ? ` ${metric.unit}` : ''
  const dimension = { ratio: ` times ${reference}`, difference: `${unit} more than ${reference}`, none: unit }
  const limit = atMost === undefined ? `at least ${number(atLeast ?? 0)}` : `at most ${number(atMost)}`
  return limit + dimension[metric?.against ?? 'none']
}

/** `median [min–max]`. @param {Summary} summary */
function range({ median, min, max }) {
  return min < max ? `${number(median)} [${number(min)}–${number(max)}]` : number(median)
}

/** Three significant digits. @param {number} value */
export function number(value) {
  if (value === 0) return '0'
  const digits = Number.isInteger(value)
    ? 0
    : Math.max(0, Math.min(4, 2 - Math.floor(Math.log10(Math.abs(value)))))
  return value.toFixed(digits).replace(/(?<=^-?\d+)(?=(\d{3})+$)/g, ' ')
}

/** @param {string[][]} lines */
export function asText(lines) {
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length))) ?? []
  return lines
    .map((line) => `  ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ')}`.trimEnd())
    .join('\n')
}

/** @param {string[][]} lines */
export function asMarkdown([header = [], ...lines]) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`
  return [
    line(header),
    `|${header.map((_, column) => (column === 0 ? '---|' : '---:|')).join('')}`,
    ...lines.map(line),
  ].join('\n')
}
