/** The value of a header: printable ASCII, with blanks inside (RFC 9110 §5.5). */
export function isHeaderValue(text: string): boolean {
  return /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text)
}

/** Printable ASCII without blanks: it can be sent in a header (RFC 9110 §5.5), and the server reads the same text. */
export function fitsInHeader(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}
