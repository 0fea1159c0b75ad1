/**
 * One file of another program, and how it is used.
 * @typedef {object} Item
 * @property {string} from the program that wrote it
 * @property {string} group the kind of file; a row of the table
 * @property {'certificate' | 'key' | 'crl' | 'store' | 'trust store'} kind
 * @property {string} name short and the same on every machine
 * @property {string} file path
 * @property {readonly string[]} [passphrases] passphrases to try; one may be right
 */

export {}
