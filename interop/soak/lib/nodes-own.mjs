/** Queries that fail by what a node answers, on a connection that works: no matter of logins. */
import { isLookUp } from '../../lib/role-look-ups.mjs'

/**
 * A node that stood still drops what it should have read meanwhile, and says so when its own time-out is over: five seconds later. The driver repeats
 * no read that a node says has timed out.
 */
const readTimeOut = /^ResponseError: Server timeout during read query at consistency LOCAL_ONE/

/** Of which of the two kinds it is; undefined: of neither. @param {string} error */
export function nodesOwn(error) {
  if (isLookUp(error)) return 'it could not look the role up'
  if (readTimeOut.test(error)) return 'it did not read its own table in time'
  return undefined
}
