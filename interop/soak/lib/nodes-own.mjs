/** Queries that fail with an answer of a node, on a working connection. They have nothing to do with logins. */
import { isLookUp } from '../../lib/role-look-ups.mjs'

/**
 * A paused node drops reads that were due during the pause, and reports that after its own time-out: five seconds later. The driver does not repeat a
 * read if a node says that it has timed out.
 */
const readTimeOut = /^ResponseError: Server timeout during read query at consistency LOCAL_ONE/

/** Which of the two kinds it is; undefined if it is neither. @param {string} error */
export function nodesOwn(error) {
  if (isLookUp(error)) return 'it could not look the role up'
  if (readTimeOut.test(error)) return 'it did not read its own table in time'
  return undefined
}
