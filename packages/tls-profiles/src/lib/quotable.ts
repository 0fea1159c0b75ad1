/**
 * This file stands in every package that prints words from outside and may not depend on another; a test compares the
 * copies.
 */

/** As text: Node parses a literal on import, which takes half a millisecond for these classes of Unicode. */
const harmful = String.raw`[^\p{L}\p{N}\p{P}\p{S} ]`

/** OpenSSL ends its texts with a line end, and separates several by them: they are spaces here. */
const lineEnds = /[\t\r\n]+/g

/** What needs no second look, which is nearly everything. */
const harmless = /^[ -~]*$/

/**
 * Words from outside (of the server, a certificate, a file) for an error or a log: short, on one line, without what could
 * steer a terminal. It says nothing of secrets: what may hold one must not be printed at all.
 */
export function quotable(text: unknown, maxLength = 200): string {
  const whole = typeof text === 'string' ? text : ''
  const short = whole.slice(0, maxLength)
  const clean = harmless.test(short) ? short : onOneLine(short)
  return whole.length > maxLength ? `${clean}…` : clean
}

function onOneLine(text: string): string {
  return text.trim().replace(lineEnds, ' ').replace(new RegExp(harmful, 'gu'), '?')
}
