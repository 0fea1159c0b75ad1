/** Words of the server for an error message: short, on one line, without what could steer a terminal. */
export function quotable(text: string, maxLength = 200): string {
  const harmless = text.slice(0, maxLength).replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?')
  return text.length > maxLength ? `${harmless}…` : harmless
}
