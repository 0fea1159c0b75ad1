/**
 * Every package that prints text from outside and may not depend on another has a copy of this file. A test compares
 * the copies.
 */

/**
 * It is a string, because Node.js parses a literal on import, which takes half a millisecond for these classes of
 * Unicode.
 */
const harmful = String.raw`[^\p{L}\p{N}\p{P}\p{S} ]`

/** OpenSSL ends its texts with a line end, and separates several texts by line ends. They become spaces here. */
const lineEnds = /[\t\r\n]+/g

/** Nearly every text matches this, and needs no change. */
const harmless = /^[ -~]*$/

/**
 * Makes text from outside (from the server, a certificate, a file) safe for an error or a log: short, on one line, and
 * without characters that could steer a terminal. It does not protect secrets: a text that may contain one must not be
 * printed at all.
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
