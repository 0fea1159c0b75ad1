/**
 * One file that somebody else wrote, and as what it is given.
 * @typedef {object} Item
 * @property {string} from who wrote it
 * @property {string} group what it is, a row of the table
 * @property {'certificate' | 'key' | 'crl' | 'store' | 'trust store'} kind
 * @property {string} name short and the same on every machine
 * @property {string} file path
 * @property {readonly string[]} [passphrases] of which one may be right
 */

export {}
