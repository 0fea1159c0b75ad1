/** What the rows about size and import time need to know about each package. */

/**
 * @typedef {object} Weight
 * @property {string} main the name that most users import
 * @property {number} importShare goal for the import, as a share of the driver's own in the same run
 * @property {number} importFiles the largest number of files that the import may load, our files and those of others,
 *   on any machine
 * @property {boolean} besideDriver whether the package loads the driver, so that its users have loaded it anyway
 */

/** @type {Record<string, Weight>} */
export const weights = {
  '@x/auth-plaintext': {
    main: 'PlainTextAuthProvider',
    importShare: 0.06,
    importFiles: 12,
    besideDriver: true,
  },
  '@x/auth-sasl': { main: 'SaslAuthProvider', importShare: 0.12, importFiles: 14, besideDriver: true },
  '@x/auth-sigv4': { main: 'SigV4AuthProvider', importShare: 0.08, importFiles: 15, besideDriver: true },
  '@x/auth-vault': { main: 'vaultDatabase', importShare: 0.12, importFiles: 15, besideDriver: true },
  '@x/auth-oidc': { main: 'clientCredentials', importShare: 0.12, importFiles: 31, besideDriver: true },
  '@x/tls-profiles': { main: 'verifyServer', importShare: 0.06, importFiles: 6, besideDriver: false },
}
