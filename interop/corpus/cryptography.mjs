/** The vectors of pyca/cryptography: its own, NIST's PKITS, and keys of many tools. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pythonWith, run } from '../lib/installed.mjs'

const from = 'cryptography-vectors'
const requirement = 'cryptography-vectors==50.0.2'
/** The passphrases to try: the one that opens a key belongs to it. */
const ofKeys = ['123456', 'password', 'foobar', 'baz']

/** @typedef {import('./item.mjs').Item} Item */

/** @type {readonly { folder: string, group: string, kind: Item['kind'], passphrases?: readonly string[] }[]} */
const folders = [
  { folder: 'x509', group: 'certificates', kind: 'certificate' },
  { folder: 'x509/custom', group: 'certificates, odd ones', kind: 'certificate' },
  { folder: 'x509/custom/ca', group: 'certificates, odd ones', kind: 'certificate' },
  { folder: 'x509/ed25519', group: 'certificates', kind: 'certificate' },
  { folder: 'x509/ed448', group: 'certificates', kind: 'certificate' },
  { folder: 'x509/PKITS_data/certs', group: 'certificates of PKITS, DER', kind: 'certificate' },
  { folder: 'x509/PKITS_data/crls', group: 'revocation lists of PKITS, DER', kind: 'crl' },
  { folder: 'x509/PKITS_data/pkcs12', group: 'PKCS #12 of PKITS', kind: 'store', passphrases: ['password'] },
  { folder: 'pkcs12', group: 'PKCS #12', kind: 'store', passphrases: ['cryptography', 'password', ''] },
  { folder: 'asymmetric/PEM_Serialization', group: 'keys, PEM', kind: 'key' },
  { folder: 'asymmetric/Traditional_OpenSSL_Serialization', group: 'keys, PEM', kind: 'key' },
  { folder: 'asymmetric/PKCS8', group: 'keys, PKCS #8', kind: 'key' },
  { folder: 'asymmetric/DER_Serialization', group: 'keys, DER', kind: 'key' },
  { folder: 'asymmetric/EC', group: 'keys of odd curves', kind: 'key' },
  { folder: 'asymmetric/Ed25519', group: 'keys, Edwards curves', kind: 'key' },
  { folder: 'asymmetric/Ed448', group: 'keys, Edwards curves', kind: 'key' },
  { folder: 'asymmetric/RSA', group: 'keys, RSA', kind: 'key' },
  { folder: 'asymmetric/OpenSSH', group: 'keys of OpenSSH', kind: 'key' },
]

/** @returns {Promise<Item[]>} */
export async function cryptographyItems() {
  const python = await pythonWith(from, [requirement])
  const script = 'import cryptography_vectors, os; print(os.path.dirname(cryptography_vectors.__file__))'
  const root = (await run(python, ['-c', script])).trim()
  return folders.flatMap(({ folder, group, kind, passphrases }) =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(txt|py|cnf|md)$/.test(entry.name))
      .map(({ name }) => name)
      .sort()
      .map((name) => ({
        from,
        group: isList(kind, name) ? 'revocation lists' : group,
        kind: isList(kind, name) ? 'crl' : kind,
        name: `${folder}/${name}`,
        file: join(root, folder, name),
        passphrases: kind === 'key' ? ofKeys : (passphrases ?? []),
      })),
  )
}

/** Some files in the folders of certificates are revocation lists. @param {Item['kind']} kind @param {string} name */
function isList(kind, name) {
  return kind === 'certificate' && /^crl_|_crl\.|crl\.pem$/.test(name)
}
