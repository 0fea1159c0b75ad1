import { isDate, isMap, isUint8Array } from 'node:util/types'
import { listOf, type Option, some, text } from './option-spec.js'

/** A table of texts by name. It is read at each use, so that a test may change it meanwhile. */
export const tableOption: Option<Readonly<Record<string, string>> | ReadonlyMap<string, string>, undefined> =
  some('an object or a Map of texts by their names', (value) => isMap(value) || isPlain(value))

/** Functions by name. */
export function functionsOption<F>(must: string): Option<Readonly<Record<string, F>>, undefined> {
  return some(
    must,
    (value) => isPlain(value) && Object.values(value).every((each) => typeof each === 'function'),
  )
}

export const classNameOption = text('the class name of an authenticator')

export const bytesOption: Option<Uint8Array, undefined> = some('bytes', isUint8Array)

/** Null is the token of length -1. */
export const tokenOption: Option<Uint8Array | null> = {
  must: 'bytes or null',
  take: (value) => (value === null || isUint8Array(value) ? (value as Uint8Array | null) : undefined),
  initial: undefined,
}

/** A copy is used: it belongs to this realm, and nobody can change it later. */
export const dateOption: Option<Date, undefined> = {
  must: 'a valid Date',
  take: (value) => (isDate(value) && !Number.isNaN(value.getTime()) ? new Date(value.getTime()) : undefined),
  initial: undefined,
}

/** A list of texts; it may be empty. */
export function textsOption(must: string): Option<readonly string[], undefined> {
  const list = listOf(text(must), must)
  const take = (value: unknown) => (Array.isArray(value) && value.length === 0 ? [] : list.take(value))
  return { ...list, take }
}

/** The name of a row. */
export function nameIn<T extends object>(table: T): Option<keyof T & string, undefined> {
  const names = Object.keys(table)
  return some(`one of ${names.join(', ')}`, (value) => typeof value === 'string' && names.includes(value))
}

/** A value that one of the two options accepts; the first is tried first. */
export function either<A, B>(first: Option<A, A | undefined>, second: Option<B, B | undefined>) {
  const option: Option<A | B, undefined> = {
    must: `${first.must}, or ${second.must}`,
    take: (value) => first.take(value) ?? second.take(value),
    initial: undefined,
  }
  return option
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
