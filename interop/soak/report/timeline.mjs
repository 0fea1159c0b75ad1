/**
 * Draws the time line of a soak as SVG: queries per second, a row for each kind with a mark for each run, failures, and the
 * heap.
 */

const width = 1000
const plot = { left: 250, right: 985 }
const panel = 110
const row = 17
const gap = 34

/** @param {readonly import('../declaration.mjs').Kind[]} kinds @param {import('./files.mjs').Data} data */
export function timeline(kinds, data) {
  const x = (/** @type {number} */ at) =>
    Number((plot.left + (Math.min(at, data.seconds) / data.seconds) * (plot.right - plot.left)).toFixed(1))
  /** @type {string[]} */
  const parts = []
  let top = 30

  const { ours, control } = data.series
  const rateAt = ours.queriesPerSecond.map((_, index) => (index + 0.5) * data.everySeconds)
  parts.push(
    ...lines('queries per second', top, x, [
      { name: 'control', at: rateAt, values: control.queriesPerSecond },
      { name: 'ours', at: rateAt, values: ours.queriesPerSecond },
    ]),
  )
  top += panel + gap

  const failures = [
    ['queries of the control that failed', 'control', control.failed],
    ['queries of ours that failed', 'ours', ours.failed],
  ]
  for (const [title, side, counts] of /** @type {[string, string, number[]][]} */ (failures)) {
    parts.push(label(title, top + row / 2))
    parts.push(guide(top + row / 2))
    for (const [index, count] of counts.entries()) {
      if (count === 0) continue
      const at = x((index + 0.5) * data.everySeconds)
      parts.push(
        `<path class="fail ${side}" d="M${at - 4} ${top + row / 2 - 4}l8 8m0-8l-8 8"><title>${count} failed</title></path>`,
      )
    }
    top += row
  }
  top += 8
  for (const sort of /** @type {const} */ (['change', 'chaos'])) {
    for (const kind of kinds.filter((each) => each.sort === sort)) {
      const middle = top + row / 2
      parts.push(label(kind.title, middle), guide(middle))
      for (const { name, from, to } of data.runs) {
        if (name !== kind.name) continue
        const wide = Math.max(2.5, x(to) - x(from))
        parts.push(
          `<rect class="${sort}" x="${x(from)}" y="${top + 3}" width="${wide.toFixed(1)}" height="${row - 6}" rx="1.5"><title>${escaped(`${kind.title}, ${from} s to ${to} s`)}</title></rect>`,
        )
      }
      top += row
    }
    top += 8
  }
  top += gap - 8
  parts.push(
    ...lines('heap after a collection, MiB', top, x, [
      { name: 'control', at: control.heapAt, values: control.heapKiB.map((each) => each / 1024) },
      { name: 'ours', at: ours.heapAt, values: ours.heapKiB.map((each) => each / 1024) },
    ]),
  )
  top += panel + 8
  /** @type {string[]} */
  const axis = []
  for (const minutes of ticks(data.seconds / 60)) {
    const at = x(minutes * 60)
    const anchor = at > plot.right - 20 ? 'end' : 'middle'
    axis.push(
      `<line class="axis" x1="${at}" x2="${at}" y1="22" y2="${top}"/>`,
      `<text class="small" x="${at}" y="${top + 14}" text-anchor="${anchor}">${minutes} min</text>`,
    )
  }
  const height = top + 26
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Time line of the soak: queries per second, changes, chaos, failures and memory">`,
    '<style>',
    // Its own ground, so that it can be read on a light page and on a dark one.
    '.ground{fill:#fff}text{font:12px system-ui,sans-serif;fill:#24292f}.head{font-weight:600}.small{font-size:11px;fill:#57606a}',
    '.axis{stroke:#d0d7de}.guide{stroke:#eaeef2}.line{fill:none;stroke-width:1.5;stroke-linejoin:round}',
    '.line.ours,.fail.ours{stroke:#1f5fbf}.line.control,.fail.control{stroke:#b26a00}.key.ours{fill:#1f5fbf}.key.control{fill:#b26a00}.fail{fill:none;stroke-width:2}',
    '.change{fill:#2da06c}.chaos{fill:#b3261e}',
    '@media(prefers-color-scheme:dark){.ground{fill:#161b22}text{fill:#e6edf3}.small{fill:#9198a1}.axis{stroke:#3d444d}.guide{stroke:#262c34}.line.ours,.fail.ours{stroke:#79b0ff}.line.control,.fail.control{stroke:#f0b35e}.key.ours{fill:#79b0ff}.key.control{fill:#f0b35e}.change{fill:#57d39b}.chaos{fill:#ff8a80}}',
    '</style>',
    `<rect class="ground" width="${width}" height="${height}" rx="6"/>`,
    ...axis,
    ...parts,
    '</svg>',
  ].join('\n')}\n`
}

/**
 * @param {string} title @param {number} top @param {(at: number) => number} x
 * @param {{ name: 'ours' | 'control', at: number[], values: number[] }[]} series
 */
function lines(title, top, x, series) {
  const greatest = Math.max(...series.flatMap(({ values }) => values), 1)
  const step = niceStep(greatest)
  const end = Math.ceil(greatest / step) * step
  const y = (/** @type {number} */ value) => (top + panel - (value / end) * panel).toFixed(1)
  const marks = Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step)
  return [
    `<text class="head" x="16" y="${top + 12}">${title}</text>`,
    ...series.map(
      ({ name }, index) =>
        `<rect class="key ${name}" x="16" y="${top + 26 + index * 18}" width="12" height="4"/><text x="34" y="${top + 32 + index * 18}">${name === 'ours' ? 'our clients' : 'the control'}</text>`,
    ),
    ...marks.flatMap((mark) => [
      `<line class="axis" x1="${plot.left}" x2="${plot.right}" y1="${y(mark)}" y2="${y(mark)}"/>`,
      `<text class="small" x="${plot.left - 6}" y="${Number(y(mark)) + 4}" text-anchor="end">${mark}</text>`,
    ]),
    ...series.map(
      ({ name, at, values }) =>
        `<polyline class="line ${name}" points="${values.map((value, index) => `${x(at[index] ?? 0)},${y(value)}`).join(' ')}"/>`,
    ),
  ]
}

/** @param {string} title @param {number} middle */
function label(title, middle) {
  return `<text x="${plot.left - 8}" y="${middle + 4}" text-anchor="end">${escaped(title)}</text>`
}

/** @param {number} middle */
function guide(middle) {
  return `<line class="guide" x1="${plot.left}" x2="${plot.right}" y1="${middle}" y2="${middle}"/>`
}

/** A step of 1, 2 or 5 times a power of ten, so that there are at most five steps. @param {number} greatest */
function niceStep(greatest) {
  const power = 10 ** Math.floor(Math.log10(greatest / 5))
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => greatest / step <= 5) ?? greatest
}

/** @param {number} minutes */
function ticks(minutes) {
  const step = [0.5, 1, 2, 5, 10, 30, 60].find((each) => minutes / each <= 8) ?? 120
  return Array.from({ length: Math.floor(minutes / step) + 1 }, (_, index) => index * step)
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
