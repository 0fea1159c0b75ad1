/** As text: Node parses a literal on import, which takes half a millisecond for these classes of Unicode. */
const harmful = String.raw`[^\p{L}\p{N}\p{P}\p{S} ]`

/** Words of the server for an error message: short, on one line, without what could steer a terminal. */
export function quotable(text: string, maxLength = 200): string {
  const harmless = text.slice(0, maxLength).replace(new RegExp(harmful, 'gu'), '?')
  return text.length > maxLength ? `${harmless}…` : harmless
}
