/** Printable ASCII without blanks: what is sent in a header (RFC 9110 §5.5) and means the same at the other end. */
export function fitsInHeader(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}
