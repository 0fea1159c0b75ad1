import { types } from 'node:util'
import type { Mechanism } from '../../mechanism.js'

type Parts = { readonly [K in keyof Required<Mechanism<unknown>>]: Mechanism<unknown>[K] }

/** Not on import: it is for what is wrong. */
function authError(code: 'OPTION_INVALID' | 'CREDENTIALS_INVALID', problem: string) {
  return (require('../../errors.js') as typeof import('../../errors.js')).authError(code, problem)
}

const snapshots = new WeakMap<object, Mechanism<unknown>>()

/**
 * A mechanism as a plain object, each part read once: a class may have them on its prototype or behind getters, and
 * what was checked must be what is used. One that does not say whether it sends the secret readable counts as one that
 * does.
 * Errors: OPTION_INVALID.
 */
export function mechanismSnapshot<C>(given: Mechanism<C>): Mechanism<C> {
  if (typeof given !== 'object' || given === null) throw notAMechanism()
  const known = snapshots.get(given)
  if (known) return known as Mechanism<C>
  const snapshot = read(given as Mechanism<unknown>)
  snapshots.set(given, snapshot)
  snapshots.set(snapshot, snapshot)
  return snapshot as Mechanism<C>
}

function read(given: Mechanism<unknown>): Mechanism<unknown> {
  const { name, sasl, clientFirst, mutual, cleartext, exposes, spec, weakness, unavailable, hearsay } = given
  const { parseCredentials, converse, protocolV1, explainRefusal } = given
  if (typeof name !== 'string' || name === '') throw notAMechanism()
  if (typeof parseCredentials !== 'function' || typeof converse !== 'function') throw notAMechanism()
  const parts: Parts = {
    name,
    sasl,
    clientFirst,
    mutual: Boolean(mutual),
    cleartext: cleartext !== false,
    exposes,
    spec,
    weakness,
    unavailable: unavailable && [...unavailable],
    hearsay: hearsay && [...hearsay],
    parseCredentials: parseCredentials.bind(given),
    converse: converse.bind(given),
    protocolV1: protocolV1?.bind(given),
    explainRefusal: explainRefusal?.bind(given),
  }
  return Object.freeze(parts) as Mechanism<unknown>
}

function notAMechanism() {
  return authError(
    'OPTION_INVALID',
    'A mechanism is an object with a name and the functions parseCredentials and converse.',
  )
}

/**
 * Credentials as a plain object, each field read once, wherever it stands: own or inherited, enumerable or not, behind
 * a getter or not. Methods of a class stay callable. `instead`: the value to use instead of a field. Throws
 * CREDENTIALS_INVALID for a Proxy.
 */
export function credentialsSnapshot(given: unknown, instead: object = {}): object {
  const snapshot = Object.defineProperties({}, Object.getOwnPropertyDescriptors(instead))
  if (typeof given !== 'object' || given === null) return snapshot
  for (let from: object | null = given; isOwnKind(from); from = Object.getPrototypeOf(from)) {
    refuseProxy(from)
    for (const name of Object.getOwnPropertyNames(from)) {
      if (name === 'constructor' || Object.hasOwn(snapshot, name)) continue
      const value: unknown = (given as Readonly<Record<string, unknown>>)[name]
      const isMethod = from !== given && typeof value === 'function'
      Object.defineProperty(snapshot, name, {
        value: isMethod ? value.bind(given) : value,
        // As in the object itself: a method is not a field.
        enumerable: !isMethod,
      })
    }
  }
  return Object.freeze(snapshot)
}

/** Throws CREDENTIALS_INVALID: a Proxy may have fields that it does not list, such as an authorizationId, and a copy would lose them. */
export function refuseProxy(given: unknown): void {
  if (!types.isProxy(given)) return
  throw authError(
    'CREDENTIALS_INVALID',
    'The credentials are a Proxy, and its fields cannot be listed. Give a plain object, or a function that returns one.',
  )
}

/** Every prototype except Object.prototype of any realm: an object without a prototype has fields too. */
function isOwnKind(from: object | null): from is object {
  return from !== null && (Object.getPrototypeOf(from) !== null || !Object.hasOwn(from, '__proto__'))
}
