/**
 * Draws the chart of a row of docs/benchmarks.md as SVG, from the table and the goals on the page, so that both show the
 * same numbers. A bar is a median, the line over it goes from the smallest to the largest value, a dashed line is a goal.
 */

/**
 * @typedef {{ text: string, median: number, min: number, max: number }} Cell `text`: the median as text of the table
 * @typedef {{ title: string, unit: string, cells: (Cell | undefined)[] }} Metric
 * @typedef {{ subject: number, metric: number, at: number }} GoalLine the place of a goal, in the unit of its metric
 * @typedef {{ title: string, subjects: string[], metrics: Metric[], goals: GoalLine[] }} Data
 */

const width = 760
const labels = 250
const plot = { left: labels + 16, right: width - 110 }
const rowHeight = 24
const panelHead = 34

/** Reads the numbers of a section of the document. @param {string} section @returns {Data} */
export function chartData(section) {
  const title = /^## (.*)$/m.exec(section)?.[1] ?? ''
  const [header = [], , ...rows] = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  const subjects = rows.map(([subject = '']) => subject)
  const metrics = header.flatMap((head, column) => {
    // The table also has a column that compares the values.
    if (column === 0 || /(?:, ratio|: more)$/.test(head)) return []
    const [, name = head, unit = ''] = /^(.*), ([^, ]+)$/.exec(head) ?? []
    return [{ title: name, unit, cells: rows.map((row) => cellOf(row[column] ?? '')) }]
  })
  if (subjects.length === 0 || metrics.length === 0) throw new Error(`'${title}' has no table with numbers`)
  return { title, subjects, metrics, goals: goalsOf(section, subjects, metrics) }
}

/** `median [least–greatest]`, or one number. @param {string} text @returns {Cell | undefined} */
function cellOf(text) {
  const found = /^([\d. ]+?)(?: \[([\d. ]+)–([\d. ]+)\])?$/.exec(text)
  if (!found) return undefined
  const [median, min, max] = found
    .slice(1)
    .map((part) => Number((part ?? found[1] ?? '').replaceAll(' ', '')))
  return median === undefined || min === undefined || max === undefined
    ? undefined
    : { text: found[1] ?? '', median, min, max }
}

/** @param {string} section @param {string[]} subjects @param {Metric[]} metrics @returns {GoalLine[]} */
function goalsOf(section, subjects, metrics) {
  const lines = section.split('\n').filter((line) => /^- (?:✓ met|~ not resolved|✗ missed) /.test(line))
  return lines.map((line) => {
    const text = line.replace(/^- (?:✓ met|~ not resolved|✗ missed) /, '')
    const subject = longest(subjects, (name) => text.startsWith(`${name}, `))
    const rest = text.slice((subjects[subject] ?? '').length + 2)
    const metric = metrics.findIndex(({ title }) => rest.startsWith(`${title}: `))
    const wanted = rest.slice((metrics[metric]?.title ?? '').length + 2)
    const at = limit(wanted, (name) => metrics[metric]?.cells[subjects.indexOf(name)]?.median)
    if (subject < 0 || metric < 0 || at === undefined) throw new Error(`no place in the chart for: ${line}`)
    return { subject, metric, at }
  })
}

/** @param {string} wanted @param {(subject: string) => number | undefined} median */
function limit(wanted, median) {
  const text = wanted.replace(/ \(measured .*$/, '')
  const above = /^not measurably above (.*)$/.exec(text)
  if (above) return median(above[1] ?? '')
  const [, amount = '', rest = ''] = /^at (?:most|least) ([\d.]+(?: \d{3})*)(.*)$/.exec(text) ?? []
  const value = Number(amount.replaceAll(' ', ''))
  const times = /^ times (.*)$/.exec(rest)
  const more = /^.* more than (.*)$/.exec(rest)
  const reference = median((times ?? more)?.[1] ?? '')
  if (times) return reference === undefined ? undefined : value * reference
  if (more) return reference === undefined ? undefined : value + reference
  return amount === '' ? undefined : value
}

/**
 * @param {string[]} names
 * @param {(name: string) => boolean} fits
 * @returns {number} the index of the longest name that fits, or -1
 */
function longest(names, fits) {
  const found = names.filter(fits).sort((a, b) => b.length - a.length)[0]
  return found === undefined ? -1 : names.indexOf(found)
}

/** @param {Data} data @returns {string} */
export function chart({ title, subjects, metrics, goals }) {
  const panelHeight = panelHead + subjects.length * rowHeight + 10
  const height = metrics.length * panelHeight + 12
  const panels = metrics.map((metric, index) => {
    const lines = goals.filter((goal) => goal.metric === index)
    return panel(metric, subjects, lines, 6 + index * panelHeight)
  })
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    '<style>',
    // Its own ground, so that it can be read on a light page and on a dark one.
    '.ground{fill:#fff}text{font:13px system-ui,sans-serif;fill:#24292f}.head{font-weight:600}',
    '.bar{fill:#8fb0e8}.range{stroke:#24292f;stroke-width:1.5}.goal{stroke:#b3261e;stroke-width:2;stroke-dasharray:4 3}.axis{stroke:#d0d7de}',
    '@media(prefers-color-scheme:dark){.ground{fill:#161b22}text{fill:#e6edf3}.bar{fill:#3f5f9e}.range{stroke:#e6edf3}.goal{stroke:#ff8a80}.axis{stroke:#3d444d}}',
    '</style>',
    `<rect class="ground" width="${width}" height="${height}" rx="6"/>`,
    ...panels,
    '</svg>',
  ].join('\n')}\n`
}

/** @param {Metric} metric @param {string[]} subjects @param {GoalLine[]} goals @param {number} top */
function panel({ title, unit, cells }, subjects, goals, top) {
  const greatest = Math.max(...cells.map((cell) => cell?.max ?? 0), ...goals.map(({ at }) => at), 1e-9)
  const x = (/** @type {number} */ value) =>
    (plot.left + (value / greatest) * (plot.right - plot.left)).toFixed(1)
  const bottom = top + panelHead + subjects.length * rowHeight
  const rows = subjects.flatMap((subject, index) => {
    const cell = cells[index]
    const y = top + panelHead + index * rowHeight
    const middle = y + rowHeight / 2
    if (!cell) return []
    const marks = goals
      .filter((goal) => goal.subject === index)
      .map(({ at }) => `<line class="goal" x1="${x(at)}" x2="${x(at)}" y1="${y}" y2="${y + rowHeight}"/>`)
    return [
      `<text x="${labels}" y="${middle + 4}" text-anchor="end">${escaped(shortened(subject))}</text>`,
      `<rect class="bar" x="${plot.left}" y="${y + 5}" width="${(Number(x(cell.median)) - plot.left).toFixed(1)}" height="${rowHeight - 10}"/>`,
      `<line class="range" x1="${x(cell.min)}" x2="${x(cell.max)}" y1="${middle}" y2="${middle}"/>`,
      ...marks,
      `<text x="${plot.right + 10}" y="${middle + 4}">${escaped(cell.text)}${unit ? ` ${escaped(unit)}` : ''}</text>`,
    ]
  })
  const head = `${escaped(title)}${unit ? `, ${escaped(unit)}` : ''}${goals.length > 0 ? ' (dashed: the goal)' : ''}`
  return [
    `<text class="head" x="16" y="${top + 22}">${head}</text>`,
    `<line class="axis" x1="${plot.left}" x2="${plot.left}" y1="${top + panelHead}" y2="${bottom}"/>`,
    ...rows,
  ].join('\n')
}

/** @param {string} text */
function shortened(text) {
  return text.length > 36 ? `${text.slice(0, 35)}…` : text
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
