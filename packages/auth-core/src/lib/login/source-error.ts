import { types } from 'node:util'
import { type AuthError, authError, isAuthError } from '../../errors.js'
import { kindOf } from '../error-kind.js'
import { isError } from '../is-error.js'
import { tried } from '../tried.js'
import { safeCause, strangersError } from './adopt-error.js'

/**
 * Makes an AuthError of what a source threw: its own if it is one, else SOURCE_FAILED. A parser's error, also a wrapped
 * one, does not become the `cause`, because it holds a piece of what was parsed.
 */
export function sourceError(reason: unknown): AuthError {
  if (isAuthError(reason)) return reason
  const parser = nested(reason).find(quotesItsInput)
  if (parser !== undefined) {
    return authError(
      'SOURCE_FAILED',
      `The credential source failed: it could not parse its input (${kindOf(parser)}; the text of that error is left out because it may contain the secret).`,
    )
  }
  return authError('SOURCE_FAILED', `The credential source failed: ${strangersError(reason)}.`, {
    cause: safeCause(reason),
  })
}

/** `JSON.parse`, js-yaml, yaml and the TOML parsers put a piece of their input into the message. */
function quotesItsInput(reason: unknown): boolean {
  if (!isError(reason)) return false
  const says = tried(() => /syntax|parse|yaml|toml/i.test(`${reason.name} ${reason.constructor?.name}`))
  // An error without a known class may be a parser's.
  return says ?? true
}

/** More errors than real programs nest; a circle of causes ends here. */
const maxErrors = 64

/** All errors within an error, in any property, alone or in a list. */
function nested(reason: unknown): unknown[] {
  const found: unknown[] = [reason]
  for (const error of found) {
    if (!isError(error) || found.length > maxErrors) continue
    const properties: PropertyDescriptorMap = tried(() => Object.getOwnPropertyDescriptors(error)) ?? {}
    for (const { value } of Object.values(properties)) {
      const within = isError(value) ? [value] : (tried(() => listed(value)) ?? [])
      for (const inner of within) if (isError(inner)) found.push(inner)
    }
  }
  return found
}

function listed(value: unknown): unknown[] {
  if (types.isSet(value) || types.isMap(value)) return [...value.values()]
  return typeof value === 'object' && value !== null ? Object.values(value).slice(0, maxErrors) : []
}
