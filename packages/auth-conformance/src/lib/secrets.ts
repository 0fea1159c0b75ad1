import { inspect } from 'node:util'
import { check } from '../clause.js'
import { isError } from './time/waiting.js'

const known = new Map<string, string[]>()

/** The forms of a secret. They are kept, because a clause asks for the same ones thousands of times. */
function formsOnce(secret: string): string[] {
  const forms = known.get(secret) ?? formsOf(secret)
  // Only the latest ones are needed again.
  if (known.size > 100) known.clear()
  known.set(secret, forms)
  return forms
}

/**
 * The forms in which the suite searches for a secret: raw, backwards, base64 and base64url at any offset, hexadecimal,
 * URL, printed bytes and numbers.
 */
export function formsOf(secret: string): string[] {
  return [
    ...new Set([
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      new URLSearchParams({ s: secret }).toString().slice(2),
      [...secret].reverse().join(''),
      ...formsOfBytes(Buffer.from(secret, 'utf8')),
      ...numbersOf(Array.from({ length: secret.length }, (_, at) => secret.charCodeAt(at))),
    ]),
  ]
}

function formsOfBytes(bytes: Buffer): string[] {
  const base64 = [0, 1, 2].map((offset) => base64At(bytes, offset))
  return [
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    // As util.inspect prints a Buffer and a Uint8Array, and JSON a Buffer.
    (bytes.toString('hex').match(/../g) ?? []).join(' '),
    ...numbersOf([...bytes]),
  ]
}

function numbersOf(codes: readonly number[]): string[] {
  return [',', ' ', '-', '.', ';', '|'].map((between) => codes.join(between))
}

/**
 * The part of the base64 text of a secret that does not depend on the bytes before and after it. `offset`: how many
 * bytes after a multiple of three the secret begins.
 */
function base64At(bytes: Uint8Array, offset: number): string {
  const padded = Buffer.concat([Buffer.alloc(offset), bytes])
  const text = padded.toString('base64')
  return text.slice(Math.ceil((offset * 8) / 6), Math.floor((padded.length * 8) / 6))
}

/** How `text` shows the first secret that it contains: in clear or encoded. Undefined if it contains none. */
export function shownIn(text: string, secrets: readonly string[]): string | undefined {
  // Node prints the numbers of a Uint8Array in columns.
  const numbers = /\d,\s/.test(text) ? text.replaceAll(/(?<=,)\s+/g, '') : ''
  for (const secret of secrets) {
    const form = formsOnce(secret).find((each) => text.includes(each) || numbers.includes(each))
    if (form !== undefined) return form === secret ? 'in clear' : 'encoded'
  }
  return undefined
}

/** Everything that a log, an error page or a debugger could print about a value. */
export function printed(value: unknown): string {
  const full = {
    depth: 12,
    showHidden: true,
    maxArrayLength: null,
    maxStringLength: null,
    breakLength: Infinity,
  }
  const texts = [inspect(value, full), inspect(value), String(value), json(value)]
  if (isError(value)) texts.push(value.message, value.stack ?? '', json({ ...value }))
  return texts.join('\n')
}

/** Throws if any printed form of `value` shows a secret. */
export function checkSecret(value: unknown, secrets: readonly string[], where: string): void {
  const shown = shownIn(printed(value), secrets)
  check(shown === undefined, `a secret is shown ${shown} by ${where}`)
}

/** The same for secrets that are bytes and not text. Getters are called too. */
export function checkBytes(value: unknown, secrets: readonly Buffer[], where: string): void {
  const text = `${printed(value)}\n${inspect(value, { depth: 12, getters: true, maxArrayLength: null })}`
  const numbers = text.replaceAll(/(?<=,)\s+/g, '')
  const shown = secrets.some((secret) =>
    [...formsOfBytes(secret), secret.toString('utf8'), secret.toString('latin1')].some(
      (form) => text.includes(form) || numbers.includes(form),
    ),
  )
  check(!shown, `a secret is shown by ${where}`)
}

/** Throws if a property of `value` shows a secret, also a getter of its classes. */
export function checkRead(value: object, secrets: readonly string[], where: string): void {
  checkSecret(inspect(value, { depth: 12, showHidden: true, getters: true }), secrets, where)
  for (
    let from: object | null = value;
    from && from !== Object.prototype;
    from = Object.getPrototypeOf(from)
  ) {
    for (const key of Reflect.ownKeys(from)) {
      const read = readProperty(value, key)
      const shown = key === 'constructor' && typeof read === 'function' ? allOf(read) : read
      checkSecret(shown, secrets, `the property ${String(key)} of ${where}`)
    }
  }
  checkSecret(itemsOf(value), secrets, `the iterator of ${where}`)
}

/** What a class shows, also by its getters. */
function allOf(type: object): string {
  return inspect(type, { depth: 4, showHidden: true, getters: true })
}

/** The limit of items. An object that shows something by iteration has fewer. */
const maxItems = 1_000

/** The items of `for (const each of value)`. If it throws, it shows nothing more. */
function itemsOf(value: object): unknown[] {
  const items: unknown[] = []
  const iterator = readProperty(value, Symbol.iterator)
  if (typeof iterator !== 'function') return items
  try {
    for (const each of value as Iterable<unknown>) if (items.push(each) >= maxItems) break
  } catch {
    // Nothing more.
  }
  return items
}

function readProperty(value: object, key: PropertyKey): unknown {
  try {
    return Reflect.get(value, key)
  } catch {
    // A getter that throws shows nothing.
    return undefined
  }
}

/**
 * Throws if a secret can be reached from `value` by any path of properties, at any depth. An inspection of everything
 * would give the same result, but for a whole Client it takes most of a second.
 */
export function checkReachable(value: unknown, secrets: readonly string[], where: string): void {
  const queue: { value: unknown; path: string }[] = [{ value, path: where }]
  const seen = new Set<unknown>()
  for (const { value: at, path } of queue) {
    if (seen.has(at)) continue
    const shown = shownIn(textOf(at), secrets)
    check(shown === undefined, `a secret is shown ${shown} by ${path}`)
    if ((typeof at !== 'object' && typeof at !== 'function') || at === null) continue
    seen.add(at)
    for (const [key, inner] of partsOf(at)) queue.push({ value: inner, path: `${path}.${key}` })
  }
}

function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  return typeof value === 'string' ? value : ''
}

/** The parts that an inspection with showHidden reads. A getter is not called. */
function partsOf(value: object): [string, unknown][] {
  if (value instanceof Uint8Array) return []
  const items = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : []
  const properties = Reflect.ownKeys(value).map((key) => {
    return [String(key), Object.getOwnPropertyDescriptor(value, key)?.value] as [string, unknown]
  })
  return [...properties, ...items.map((item) => ['<item>', item] as [string, unknown])]
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    // A circular structure, which inspect has shown.
    return ''
  }
}
