const longestPath = 4096
const longestName = 255
const windowSize = 32
/** Changes between upper case, lower case and digits. Words have few of them; base64 has 19 in such a window. */
const mostChanges = 11
/** Single bytes, as dumps and `String(bytes)` show them: 30:2e:02, \x30\x2e, \x30 \x2e, 48,46,2. */
const bytesInText = /((\b|\\x)[0-9a-f]{1,4}[\s:,-]{1,2}){12}|(\\x[0-9a-f]{2}){8}/i
/** UUIDs: Kubernetes and container engines use them in paths. */
const uuids = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g

/**
 * Whether a text can only be a path, so that a message may quote it. False for a key in any of its written forms
 * (base64, hexadecimal, JSON, in quotes, cut off), and also for a path that looks like one.
 */
export function isPlainPath(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a path in a message has none
  if (text.length > longestPath || text !== text.trim() || /[\x00-\x1f\x7f-\x9f]/.test(text)) return false
  if (/^['"`{[<]|-----|PRIVATE KEY|;base64,|[0-9a-f]{32}|%[0-9a-f]{2}.*%[0-9a-f]{2}/i.test(text)) return false
  if (bytesInText.test(text)) return false
  if (text.split(/[\\/]/).some((name) => name.length > longestName)) return false
  return !isDense(text.replace(uuids, ''))
}

/** Whether a part of the text changes between kinds of characters as often as only random text does. */
function isDense(text: string): boolean {
  const kinds = Array.from(text, kindOf)
  const changes = kinds.map((kind, index) => {
    const before = kinds[index - 1]
    return Number(kind !== undefined && before !== undefined && kind !== before)
  })
  let within = 0
  return changes.some((change, index) => {
    within += change - (changes[index - windowSize] ?? 0)
    return within >= mostChanges
  })
}

function kindOf(character: string): 'small' | 'capital' | 'digit' | undefined {
  if (character >= 'a' && character <= 'z') return 'small'
  if (character >= 'A' && character <= 'Z') return 'capital'
  return character >= '0' && character <= '9' ? 'digit' : undefined
}
