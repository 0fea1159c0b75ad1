/** Queries that fail because of a node's own look-up. */

/**
 * A node could not look up the role of a query, because another node had just stopped. This is the server's text. It has nothing to do with
 * connections or logins, and happens to any client at random.
 */
const lookUp = /^ResponseError: Unable to perform authorization of super-user permission/

/** @param {string} error */
export function isLookUp(error) {
  return lookUp.test(error)
}
