/**
 * Renders a run of a command as an animated picture of a terminal (SVG): the command, the changing progress line, and the output. A reader without
 * animation sees the final state. The colours come from the escape codes that the command writes (ECMA-48 SGR).
 */

import { stripVTControlCharacters } from 'node:util'

const columns = 110
const lineHeight = 18
const charWidth = 8.4
const margin = 16
/** Seconds: for each word of progress, and between two lines of output. */
const [progressS, lineS] = [0.18, 0.03]

/** The SGR codes of picocolors, as classes. An end code resets its class. */
const begins = { 1: 'b', 2: 'd', 31: 'r', 32: 'g', 33: 'y', 36: 'c' }
const ends = { 0: /./, 22: /[bd]/, 39: /[rgyc]/ }

/**
 * @param {{ command: string, progress: readonly string[], output: string }} run
 * @returns {string}
 */
export function terminalSvg({ command, progress, output }) {
  const first = 1
  const printedAt = first + progress.length * progressS
  const lines = output.trimEnd().split('\n').flatMap(wrapped)
  const height = (lines.length + 3) * lineHeight + 2 * margin
  const width = Math.ceil(columns * charWidth + 2 * margin)
  const y = (index) => margin + 34 + index * lineHeight
  const text = (index, content, style, more = '') =>
    `<text x="${margin}" y="${y(index)}" ${more}style="${style}">${content}</text>`
  const delay = (seconds) => `animation-delay:${seconds.toFixed(2)}s`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" xml:space="preserve" role="img" aria-label="${escaped(command)}">`,
    '<style>',
    'text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#d7dde4;white-space:pre;animation:in .01s both}',
    `.p{visibility:hidden;fill:#8b949e;animation:during ${progressS}s both}`,
    '.b{font-weight:700}.d{fill:#8b949e}.r{fill:#ff7b72}.g{fill:#7ee787}.y{fill:#f2cc60}.c{fill:#79c0ff}',
    '@keyframes in{from{visibility:hidden}to{visibility:visible}}',
    '@keyframes during{from{visibility:visible}99%{visibility:visible}to{visibility:hidden}}',
    '@media (prefers-reduced-motion:reduce){text{animation:none}}',
    '</style>',
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map(
      (fill, index) => `<circle cx="${margin + 6 + index * 18}" cy="${margin}" r="5" fill="${fill}"/>`,
    ),
    text(0, `<tspan class="g">$</tspan> ${escaped(command)}`, delay(0.2)),
    ...progress.map((what, index) => text(1, escaped(what), delay(first + index * progressS), 'class="p" ')),
    ...lines.map((line, index) => text(index + 1, coloured(line), delay(printedAt + index * lineS))),
    '</svg>',
    '',
  ].join('\n')
}

const sgr = new RegExp(`(${String.fromCharCode(27)}\\[\\d+m)`)
const visible = stripVTControlCharacters

/** A terminal breaks a long line. Here words stay whole, and the next lines have the same indentation. */
function wrapped(line) {
  if (visible(line).length <= columns) return [line]
  const [indent] = /^ */.exec(visible(line))
  const rows = ['']
  for (const word of line.split(/(?<= )/)) {
    const row = rows.at(-1)
    if (visible(row + word).trimEnd().length > columns && visible(row).trim() !== '')
      rows.push(`${indent}  ${word}`)
    else rows[rows.length - 1] = row + word
  }
  return rows
}

function coloured(line) {
  let classes = []
  return line
    .split(sgr)
    .map((part) => {
      const code = sgr.test(part) ? part.slice(2, -1) : undefined
      if (code === undefined) {
        const text = escaped(part)
        return classes.length === 0 || text === ''
          ? text
          : `<tspan class="${classes.join(' ')}">${text}</tspan>`
      }
      if (ends[code]) classes = classes.filter((each) => !ends[code].test(each))
      else if (begins[code]) classes = [...classes, begins[code]]
      else throw new Error(`an escape code that has no colour here: ${code}`)
      return ''
    })
    .join('')
}

function escaped(text) {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
