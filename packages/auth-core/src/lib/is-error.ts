import { types } from 'node:util'
import { tried } from './tried.js'

/**
 * Also an error of another realm (a vm, as jest's), and the driver's own, which are made by a function of ES5. A proxy
 * that throws at the question is not an error.
 */
export function isError(value: unknown): value is Error {
  return types.isNativeError(value) || tried(() => value instanceof Error) === true
}
