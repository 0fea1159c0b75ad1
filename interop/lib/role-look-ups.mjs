/** Queries that fail because of a node's own look-up. */

/**
 * A node could not look the role of a query up, since another one had just ended: in the server's words, and no matter of connections or logins. It
 * meets any client at random.
 */
const lookUp = /^ResponseError: Unable to perform authorization of super-user permission/

/** @param {string} error */
export function isLookUp(error) {
  return lookUp.test(error)
}
