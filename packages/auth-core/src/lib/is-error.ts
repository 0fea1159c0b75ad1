import { types } from 'node:util'

/** Also an error of another realm (a vm, as jest's), and the driver's own, which are made by a function of ES5. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value)
}
