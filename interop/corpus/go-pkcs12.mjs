/** The stores in the tests of go-pkcs12, some of them written by Windows, and the vectors of RFC 9579 (PBMAC1). */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { goSources } from '../lib/installed.mjs'

/** @typedef {import('./item.mjs').Item} Item */

const from = 'go-pkcs12'
const module = 'software.sslmate.com/src/go-pkcs12@v0.7.4'
/** Matches a function of the tests, or a row of a table, and the base64 of a store in it. */
const piece = /^func (?<test>Test\w+)|^\t"(?<row>[^"]+)": `|(?<store>\bMI[A-Za-z0-9+/=\s]{500,})`/gm
/** The passphrases of the tests. */
const passphrase = /Decode\w*\(\w+, "([^"]*)"\)/g

/** @param {string} folder @returns {Promise<Item[]>} */
export async function goItems(folder) {
  const sources = await goSources(module)
  const text = readFileSync(join(sources, 'pkcs12_test.go'), 'utf8')
  const passphrases = [...new Set(Array.from(text.matchAll(passphrase), ([, given = '']) => given)), '1234']
  const vectors = readdirSync(join(sources, 'testdata')).sort()
  const all = [
    ...storesIn(text),
    ...vectors.map((file) => ({
      name: file.replace('.txt', ''),
      store: readFileSync(join(sources, 'testdata', file), 'utf8'),
    })),
  ]
  mkdirSync(folder, { recursive: true })
  return all.map(({ name, store }) => {
    const file = join(folder, `${name}.p12`)
    writeFileSync(file, Buffer.from(store, 'base64'))
    return { from, group: groupOf(name), kind: 'store', name: `${name}.p12`, file, passphrases }
  })
}

/** @param {string} text */
function storesIn(text) {
  let name = ''
  return Array.from(text.matchAll(piece)).flatMap(({ groups = {} }) => {
    const { test, row, store } = groups
    name = test ?? row ?? name
    return store ? [{ name: windows[name] ?? name.replace(/\W/g, '-'), store }] : []
  })
}

/**
 * The stores by Windows: their comments say so, or their attributes contain the name of Microsoft's key storage
 * provider.
 */
const windows = /** @type {Record<string, string | undefined>} */ ({
  TestPBES2_AES256CBC: 'windows-certmgr',
  'Windows Azure Tools': 'windows-azure-tools',
})

/** @param {string} name */
function groupOf(name) {
  if (name.startsWith('windows')) return 'PKCS #12 of Windows'
  return /rfc9579|pbmac1/.test(name) ? 'PKCS #12, PBMAC1' : 'PKCS #12'
}
