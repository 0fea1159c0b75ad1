/** What the rows about weight say of each package. */

/**
 * @typedef {object} Weight
 * @property {number} importMs goal for the import
 * @property {boolean} besideDriver whether its users have loaded the driver anyway because it does
 */

/** @type {Record<string, Weight>} */
export const weights = {
  '@x/auth-plaintext': { importMs: 10, besideDriver: true },
  '@x/auth-sasl': { importMs: 15, besideDriver: true },
  '@x/auth-sigv4': { importMs: 10, besideDriver: true },
  '@x/tls-profiles': { importMs: 15, besideDriver: false },
}
