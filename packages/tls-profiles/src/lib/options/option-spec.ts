/**
 * One declaration for each bag of options: its names, what each value must be, the default, and its reason. The check, the types and
 * docs/defaults.md derive from it.
 *
 * This file exists in every package that takes options and may not depend on another; CI compares the copies. Only the error differs; it is in
 * `option-error.ts` in the same folder.
 */

/** Not on import: hardly any program has a wrong option, and otherwise every program would load the errors. */
function optionError(problem: string) {
  return (require('./option-error.js') as typeof import('./option-error.js')).optionError(problem)
}

/** One option. `T`: the type of the value that is used; `D`: the type of the default. */
export interface Option<T, D = T | undefined> {
  /** What the value must be: the end of "The option … of … must be". */
  readonly must: string
  /** The value as it is used, read once (a copy if somebody could change it later); undefined if it is wrong. */
  readonly take: (value: unknown) => T | undefined
  /** The value for `undefined`, which always means "not given". */
  readonly initial: D
  readonly required?: true
  /** The reason for the default, a row of docs/defaults.md. */
  readonly why?: string
  /** How that page shows the default, if its value does not show it. */
  readonly shown?: string
}

type KeysOf<T> = T extends unknown ? keyof T : never
type ValueOf<T, K> = T extends unknown ? (K extends keyof T ? Exclude<T[K], undefined> : never) : never

/** An option for each property of T: the compiler reports a missing one. */
export type Spec<T> = { readonly [K in KeysOf<T>]-?: Option<ValueOf<T, K>> }

type AnySpec = Readonly<Record<string, Option<unknown>>>

/** The options of one function or class, under the name that messages and documents use for it. */
export interface OptionBag<S = AnySpec> {
  readonly who: string
  readonly options: S
  /** Names that others use for the same option: such a name is refused, and the error names ours. */
  readonly otherNames?: Readonly<Record<string, string>>
}

/** Options after they are read: all are there; those without a default may be undefined. */
export type Read<S> = { readonly [K in keyof S]: S[K] extends Option<infer T, infer D> ? T | D : never }

/** `export const cachedBag = optionBag('cached', { … } satisfies Spec<CachedOptions>)` */
export function optionBag<const S extends AnySpec>(
  who: string,
  options: S,
  otherNames: Readonly<Record<string, string>> = {},
): OptionBag<S> {
  return Object.freeze({ who, options, otherNames })
}

/**
 * Reads each option once, by name, so that an instance of a class is read as it will be used; what it returns is what is used. Throws
 * OPTION_INVALID for a wrong value (`null` too), a missing option, and an unknown name.
 */
export function readOptions<S extends AnySpec>(bag: OptionBag<S>, given: unknown = {}): Read<S> {
  const { who, options, otherNames } = bag
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw optionError(`${who} takes an object with options: ${Object.keys(options).join(', ')}.`)
  }
  refuseUnknown(who, Object.keys(options), given, otherNames)
  const read = Object.keys(options).map((name) => {
    const option = options[name] as Option<unknown>
    const value = isIn(given, name) ? (given as Readonly<Record<string, unknown>>)[name] : undefined
    return [name, value === undefined ? initialOf(who, name, option) : taken(who, name, option, value)]
  })
  return Object.fromEntries(read) as Read<S>
}

/** Throws OPTION_INVALID for an argument that nobody reads, because it would be ignored silently. `takes`: what the function takes. */
export function refuseMore(who: string, more: readonly unknown[], takes = 'one object with options'): void {
  if (more.every((argument) => argument === undefined)) return
  throw optionError(`${who} takes ${takes}, and no further argument.`)
}

function initialOf(who: string, name: string, { required, initial, must }: Option<unknown>): unknown {
  if (!required) return initial
  throw optionError(`${who} needs the option ${name}: ${must}.`)
}

function taken(who: string, name: string, { take, must }: Option<unknown>, value: unknown): unknown {
  const used = take(value)
  if (used !== undefined) return used
  throw optionError(`The option ${name} of ${who} must be ${must}${instead(value)}.`)
}

/** What was given instead, if that can be said without its value: the value may be a secret. */
function instead(value: unknown): string {
  if (value === null) return ', not null'
  if (value === '') return ', not an empty string'
  return Array.isArray(value) && value.length === 0 ? ', not an empty list' : ''
}

/** Otherwise a misspelled option would silently mean the default. Throws OPTION_INVALID. */
export function refuseUnknown(
  who: string,
  known: readonly string[],
  given: object,
  otherNames: Readonly<Record<string, string>> = {},
): void {
  const unknown = namesIn(given).find((name) => !known.includes(name))
  if (unknown === undefined) return
  const ours = Object.hasOwn(otherNames, unknown) ? otherNames[unknown] : undefined
  const near = ours !== undefined && known.includes(ours) ? ours : nearest(unknown, known)
  const advice = near === undefined ? '' : ` Did you mean ${near}?`
  const has = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`
  throw optionError(`${who} has no option ${JSON.stringify(unknown.slice(0, 60))}; ${has}.${advice}`)
}

/** All names that may be meant as options, wherever they are and whether or not they can be listed; methods of a class do not count. */
function namesIn(given: object): readonly string[] {
  const names = new Set<string>()
  for (let from: object | null = given; isOwnKind(from); from = Object.getPrototypeOf(from)) {
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(from)))
      if (from === given || property.enumerable || property.get || isField(property.value)) names.add(name)
  }
  return [...names]
}

/** Not `in`: what somebody has put on Object.prototype is not an option, and could turn a protection off everywhere. */
function isIn(given: object, name: string): boolean {
  for (let from: object | null = given; isOwnKind(from); from = Object.getPrototypeOf(from)) {
    if (Object.hasOwn(from, name)) return true
  }
  return false
}

/** All objects except Object.prototype of any realm: an object without a prototype has fields like any other. */
function isOwnKind(from: object | null): from is object {
  return from !== null && (Object.getPrototypeOf(from) !== null || !Object.hasOwn(from, '__proto__'))
}

function isField(value: unknown): boolean {
  return value !== undefined && typeof value !== 'function'
}

/** A plain copy of the given object: each value is read once, by name, and `undefined` counts as not given. */
export function definedIn<T extends object>(given: T): Partial<T> {
  const values = namesIn(given).map((name) => [name, (given as Readonly<Record<string, unknown>>)[name]])
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Partial<T>
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const meant = name.slice(0, 60).toLowerCase()
  const ranked = known.map((each) => ({ each, apart: apart(meant, each.toLowerCase()) }))
  const best = ranked.sort((a, b) => a.apart - b.apart)[0]
  return best && best.apart <= Math.max(2, best.each.length / 3) ? best.each : undefined
}

/** Levenshtein's distance; 1 if one begins with the other. */
function apart(a: string, b: string): number {
  if (a.length > 2 && b.length > 2 && (a.startsWith(b) || b.startsWith(a))) return 1
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] as number) + Number(a[i - 1] !== b[j - 1])
      next.push(Math.min(swap, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}

/** An option that `is` accepts or refuses, and that is used unchanged. */
export function some<T>(must: string, is: (value: unknown) => boolean, why?: string): Option<T, undefined> {
  return {
    must,
    take: (value) => (is(value) ? (value as T) : undefined),
    initial: undefined,
    ...(why && { why }),
  }
}

/** Adds a default: its value, its reason, and how docs/defaults.md shows it. */
export function initially<T>(
  initial: T,
  option: Option<T, T | undefined>,
  why?: string,
  shown?: string,
): Option<T, T> {
  return { ...option, initial, ...(why && { why }), ...(shown && { shown }) }
}

/** Makes an option required. */
export function required<T>(option: Option<T, T | undefined>): Option<T, T> {
  return { ...option, required: true } as unknown as Option<T, T>
}

/** A number of milliseconds. */
export function duration(limits: { readonly min?: number; readonly max: number }): Option<number, undefined> {
  const { min = 1, max } = limits
  return some(`a number of milliseconds from ${min} to ${max}`, (value) => inRange(value, min, max))
}

/** A whole number. */
export function whole(limits: { readonly min: number; readonly max: number }): Option<number, undefined> {
  const { min, max } = limits
  const is = (value: unknown) => Number.isInteger(value) && inRange(value, min, max)
  return some(`a whole number from ${min} to ${max}`, is)
}

function inRange(value: unknown, min: number, max: number): boolean {
  return Number.isFinite(value) && (value as number) >= min && (value as number) <= max
}

export function oneOf<const T extends string>(...values: readonly T[]): Option<T, undefined> {
  const must = values.map((value) => `'${value}'`).join(' or ')
  return some(must, (value) => values.includes(value as T))
}

/** A string that is not empty; `must` describes it. */
export function text(must = 'a string that is not empty'): Option<string, undefined> {
  return some(must, (value) => typeof value === 'string' && value !== '')
}

export const flag: Option<boolean, undefined> = some('true or false', (value) => typeof value === 'boolean')

/** A function; `must` describes it. */
export function callback<F>(must = 'a function'): Option<F, undefined> {
  return some(must, (value) => typeof value === 'function')
}

/** A list with at least one entry, each of which must be right. A copy is used. */
export function listOf<T>(each: Option<T, T | undefined>, must: string): Option<readonly T[], undefined> {
  const take = (value: unknown) => {
    if (!Array.isArray(value) || value.length === 0) return undefined
    // Array.from: a hole in a list is an entry like any other.
    const entries = Array.from(value, (entry) => (entry === undefined ? undefined : each.take(entry)))
    return entries.includes(undefined) ? undefined : (entries as readonly T[])
  }
  return { must, take, initial: undefined }
}

/** Options inside an option. */
export function bagOf<S extends AnySpec>(bag: OptionBag<S>): Option<Read<S>, undefined> {
  return { must: 'an object with options', take: (value) => readOptions(bag, value), initial: undefined }
}
