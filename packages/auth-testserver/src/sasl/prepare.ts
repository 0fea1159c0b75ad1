/** Characters that SASLprep removes (RFC 3454 table B.1), and those that become a space (table C.1.2). */
const vanish = new Set([0xad, 0x34f, 0x1806, 0x180b, 0x180c, 0x180d, 0x200c, 0x200d, 0x2060, 0xfeff])
const isSelector = (point: number) => point >= 0xfe00 && point <= 0xfe0f
const spaces = new Set([0xa0, 0x1680, 0x202f, 0x205f, 0x3000])
const isSpace = (point: number) => spaces.has(point) || (point >= 0x2000 && point <= 0x200b)

/** Prepares an allowed text with SASLprep (RFC 4013). A test server does not check whether the text is allowed. */
export function prepare(text: string): string {
  let mapped = ''
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    if (vanish.has(point) || isSelector(point)) continue
    mapped += isSpace(point) ? ' ' : character
  }
  return mapped.normalize('NFKC')
}
