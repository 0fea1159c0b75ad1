/** The output of the demo: one paragraph for each step, with its duration. */
import { findAuthError } from '@x/auth-core'

const colour = process.stdout.isTTY && !process.env.NO_COLOR
const paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)

export const good = (text) => paint(32, text)
export const bad = (text) => paint(31, text)
export const faint = (text) => paint(2, text)

export function heading(number, title) {
  console.log(`\n${paint(1, `${number}  ${title}`)}`)
}

export function line(text) {
  console.log(wrap(text))
}

/** The code, fault and message of a failed connect(); undefined for an unknown error. */
export function explain(error) {
  return findAuthError(error)
}

export function lineOfError({ code, fault, message }) {
  line(`${paint(33, code)} ${faint(`(${fault})`)}  ${message}`)
}

/** Wraps at 100 columns and indents, so that a long error is readable. */
function wrap(text, width = 100, indent = '   ') {
  const lines = ['']
  for (const word of text.split(' ')) {
    if (lines.at(-1).length + word.length + 1 > width) lines.push('')
    lines[lines.length - 1] += lines.at(-1) === '' ? word : ` ${word}`
  }
  return lines.map((each) => indent + each).join('\n')
}
