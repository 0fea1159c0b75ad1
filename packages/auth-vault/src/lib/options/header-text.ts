/** The value of a header: printable ASCII, with blanks inside (RFC 9110 §5.5). */
export function isHeaderValue(text: string): boolean {
  return /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text)
}

/** Printable ASCII without blanks: what is sent in a header (RFC 9110 §5.5) and means the same at the other end. */
export function fitsInHeader(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}
