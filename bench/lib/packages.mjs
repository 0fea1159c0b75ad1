/** What the rows about weight say of each package. */

/**
 * @typedef {object} Weight
 * @property {number} importShare goal for the import, as a share of the driver's own in the same run
 * @property {boolean} besideDriver whether its users have loaded the driver anyway because it does
 */

/** @type {Record<string, Weight>} */
export const weights = {
  '@x/auth-plaintext': { importShare: 0.06, besideDriver: true },
  '@x/auth-sasl': { importShare: 0.12, besideDriver: true },
  '@x/auth-sigv4': { importShare: 0.08, besideDriver: true },
  '@x/tls-profiles': { importShare: 0.06, besideDriver: false },
}
