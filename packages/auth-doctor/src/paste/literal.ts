/** A text as a literal of JavaScript, in single quotes. */
export function quote(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${escaped.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`
}

/** Code that goes into an object unchanged. */
export class Code {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Strings, numbers, booleans, lists and objects of these, on one line. */
export function literal(value: unknown): string {
  if (value instanceof Code) return value.text
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined)
    return entries.length === 0
      ? '{}'
      : `{ ${entries.map(([key, each]) => `${key}: ${literal(each)}`).join(', ')} }`
  }
  return String(value)
}
