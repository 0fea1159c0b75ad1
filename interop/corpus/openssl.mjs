/** The files that OpenSSL 3 writes on the command line, also with its legacy provider. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../lib/installed.mjs'
import { requireTools } from '../lib/tools.mjs'

/** @typedef {import('./item.mjs').Item} Item */

const from = 'OpenSSL'
const ascii = 'changeit'
const beyondAscii = 'Gruß 密码 🔑'
const legacy = ['-provider', 'legacy', '-provider', 'default']

const keyKinds = {
  RSA: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  'RSASSA-PSS': ['-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048'],
  'P-256': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'P-521': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521'],
  Ed25519: ['-algorithm', 'ED25519'],
  Ed448: ['-algorithm', 'ED448'],
}

const storeCiphers = {
  AES: ['AES-128-CBC', 'AES-192-CBC', 'AES-256-CBC'],
  'Camellia and ARIA': ['CAMELLIA-256-CBC', 'ARIA-256-CBC'],
  '3DES': ['DES-EDE3-CBC', 'PBE-SHA1-3DES', 'PBE-SHA1-2DES'],
  RC2: ['PBE-SHA1-RC2-40', 'PBE-SHA1-RC2-128'],
  RC4: ['PBE-SHA1-RC4-40', 'PBE-SHA1-RC4-128'],
  'nothing encrypted': ['NONE'],
}
const macs = ['sha1', 'sha224', 'sha256', 'sha384', 'sha512']

const keyCiphers = {
  'AES, by PBKDF2': [
    ['-v2', 'aes-256-cbc'],
    ['-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA512'],
    ['-v2', 'aes-192-cbc', '-v2prf', 'hmacWithSHA1'],
  ],
  'AES, by scrypt': [['-scrypt']],
  'Camellia and ARIA': [
    ['-v2', 'camellia-256-cbc'],
    ['-v2', 'aria-128-cbc'],
  ],
  '3DES': [
    ['-v2', 'des-ede3-cbc'],
    ['-v1', 'PBE-SHA1-3DES'],
  ],
  'RC2, RC4, DES': [
    ['-v1', 'PBE-SHA1-RC2-40', ...legacy],
    ['-v1', 'PBE-SHA1-RC4-128', ...legacy],
    ['-v1', 'PBE-MD5-DES', ...legacy],
    ['-v2', 'rc2', ...legacy],
  ],
}
const oldCiphers = {
  'AES, the older form': ['-aes128', '-aes256'],
  '3DES, the older form': ['-des3'],
  'DES, the older form': ['-des'],
}

/** @param {string} folder @returns {Promise<Item[]>} */
export async function opensslItems(folder) {
  const [openssl = 'openssl'] = requireTools('openssl')
  const path = (/** @type {string} */ name) => join(folder, name)
  /** @type {Item[]} */
  const items = []
  /** @type {(group: string, kind: Item['kind'], name: string, args: string[], passphrases?: string[]) => Promise<void>} */
  const make = async (group, kind, name, args, passphrases = []) => {
    await run(openssl, [...args, '-out', path(name)])
    items.push({ from, group, kind, name, file: path(name), passphrases })
  }

  for (const [kind, args] of Object.entries(keyKinds)) {
    await make('keys, PKCS #8', 'key', `${kind}.key`, ['genpkey', ...args])
    const subject = ['-x509', '-new', '-key', path(`${kind}.key`), '-days', '3650', '-subj', `/CN=${kind}`]
    await make('certificates', 'certificate', `${kind}.pem`, ['req', ...subject])
    const pair = [
      'pkcs12',
      '-export',
      '-in',
      path(`${kind}.pem`),
      '-inkey',
      path(`${kind}.key`),
      '-passout',
      `pass:${ascii}`,
    ]
    await make(`PKCS #12 with a key of ${kind}`, 'store', `${kind}.p12`, pair, [ascii])
  }
  const [certificate, key] = [path('P-256.pem'), path('P-256.key')]
  const pair = ['pkcs12', '-export', '-in', certificate, '-inkey', key, '-name', 'client']
  for (const [group, ciphers] of Object.entries(storeCiphers)) {
    for (const cipher of ciphers) {
      const needs = /RC[24]/.test(cipher) ? legacy : []
      const args = [...pair, ...needs, '-keypbe', cipher, '-certpbe', cipher]
      for (const [name, passphrase] of Object.entries({ ascii, beyondAscii, empty: '' })) {
        await make(
          `PKCS #12, ${group}`,
          'store',
          `${cipher}-${name}.p12`,
          [...args, '-passout', `pass:${passphrase}`],
          [passphrase],
        )
      }
    }
  }
  for (const mac of macs) {
    await make(
      'PKCS #12, hashes of the MAC',
      'store',
      `mac-${mac}.p12`,
      [...pair, '-macalg', mac, '-passout', `pass:${ascii}`],
      [ascii],
    )
  }
  await make(
    'PKCS #12, no MAC',
    'store',
    'no-mac.p12',
    [...pair, '-nomac', '-passout', `pass:${ascii}`],
    [ascii],
  )
  await make(
    'PKCS #12, 600 000 iterations',
    'store',
    'slow.p12',
    [...pair, '-iter', '600000', '-passout', `pass:${ascii}`],
    [ascii],
  )
  const trusted = ['pkcs12', '-export', '-nokeys', '-in', certificate, '-passout', `pass:${ascii}`]
  await make('PKCS #12, trust stores', 'trust store', 'trusted.p12', trusted, [ascii])

  for (const [group, ciphers] of Object.entries(keyCiphers)) {
    for (const args of ciphers) {
      const name = `pkcs8-${args.filter((arg) => !legacy.includes(arg)).join('')}.key`
      await make(
        `keys, encrypted: ${group}`,
        'key',
        name,
        ['pkcs8', '-topk8', '-in', key, '-passout', `pass:${ascii}`, ...args],
        [ascii],
      )
    }
  }
  for (const [group, ciphers] of Object.entries(oldCiphers)) {
    for (const cipher of ciphers) {
      await make(
        `keys, encrypted: ${group}`,
        'key',
        `ec${cipher}.key`,
        ['ec', '-in', key, cipher, '-passout', `pass:${ascii}`, ...legacy],
        [ascii],
      )
    }
  }
  await make('keys, the older form', 'key', 'rsa-traditional.key', [
    'rsa',
    '-in',
    path('RSA.key'),
    '-traditional',
  ])
  await make('keys, the older form', 'key', 'sec1.key', ['ec', '-in', key])
  await make('keys, DER', 'key', 'pkcs8.der', ['pkcs8', '-topk8', '-nocrypt', '-in', key, '-outform', 'DER'])
  await make(
    'keys, DER',
    'key',
    'pkcs8-encrypted.der',
    ['pkcs8', '-topk8', '-in', key, '-outform', 'DER', '-passout', `pass:${ascii}`],
    [ascii],
  )
  await make('keys, DER', 'key', 'sec1.der', ['ec', '-in', key, '-outform', 'DER'])
  await make('keys, DER', 'key', 'pkcs1.der', [
    'rsa',
    '-in',
    path('RSA.key'),
    '-traditional',
    '-outform',
    'DER',
  ])
  await make('certificates', 'certificate', 'x509.der', ['x509', '-in', certificate, '-outform', 'DER'])
  await make('certificates', 'certificate', 'text.pem', ['x509', '-in', certificate, '-text'])
  await make('TRUSTED CERTIFICATE', 'certificate', 'trusted.pem', [
    'x509',
    '-in',
    certificate,
    '-trustout',
    '-addtrust',
    'clientAuth',
  ])
  await make('PKCS #7', 'certificate', 'bundle.p7b', ['crl2pkcs7', '-nocrl', '-certfile', certificate])
  writeFileSync(path('index.txt'), '')
  const authority = [
    'ca',
    '-gencrl',
    '-cert',
    path('RSA.pem'),
    '-keyfile',
    path('RSA.key'),
    '-crldays',
    '30',
    '-md',
    'sha256',
  ]
  writeFileSync(path('ca.cnf'), `[ca]\ndefault_ca = it\n[it]\ndatabase = ${path('index.txt')}\n`)
  await make('revocation lists', 'crl', 'crl.pem', [...authority, '-config', path('ca.cnf')])
  await make('revocation lists, DER', 'crl', 'crl.der', ['crl', '-in', path('crl.pem'), '-outform', 'DER'])
  return items
}
