import { inspect } from 'node:util'

const redacted = '[secret]'
const brand = Symbol.for('@x/auth:secret')

/**
 * Holds a password, a token or key bytes so that they cannot be printed by accident: `util.inspect`, JSON and
 * string forms all say `[secret]`. The value is reachable for the moment of need only, through `use`.
 */
export class Secret<T extends string | Uint8Array = string> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  /** Wraps a value that is not yet a Secret. */
  static of<T extends string | Uint8Array>(value: T | Secret<T>): Secret<T> {
    return Secret.is(value) ? (value as Secret<T>) : new Secret(value as T)
  }

  /** Whether `value` is a Secret, also one made by another copy of this package. */
  static is(value: unknown): value is Secret<string | Uint8Array> {
    return typeof value === 'object' && value !== null && brand in value
  }

  /** Calls `fn` with the value and returns its result; do not let the value itself escape. */
  use<R>(fn: (value: T) => R): R {
    return fn(this.#value)
  }

  toString(): string {
    return redacted
  }

  toJSON(): string {
    return redacted
  }

  [inspect.custom](): string {
    return redacted
  }
}
Object.defineProperty(Secret.prototype, brand, { value: true })
