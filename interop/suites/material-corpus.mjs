/** Certificates, keys and stores of other programs: a profile treats each like Node.js does, or the difference is listed. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { isTlsError, verifyClient } from '@x/tls-profiles'
import { cryptographyItems } from '../corpus/cryptography.mjs'
import { differenceIn, differences, listed } from '../corpus/differences.mjs'
import { goItems } from '../corpus/go-pkcs12.mjs'
import { convertAsAdvised, keytoolItems } from '../corpus/keytool.mjs'
import { opensslItems } from '../corpus/openssl.mjs'
import { corpusTable, documentTable } from '../corpus/table.mjs'
import { judge } from '../corpus/verdicts.mjs'
import { temporaryFolder } from '../lib/paths.mjs'
import { stage } from '../lib/stage.mjs'

/** A smaller number would mean that a package has changed its folders. */
const leastFiles = 1200

describe('the corpus', () => {
  /** @type {import('../corpus/item.mjs').Item[]} */
  let items
  /** @type {import('../corpus/verdicts.mjs').Judged[]} */
  let all

  before(async () => {
    const byOpenssl = await stage('files of OpenSSL', () => opensslItems(temporaryFolder('openssl')))
    items = [
      ...(await cryptographyItems()),
      ...byOpenssl,
      ...(await keytoolItems()),
      ...(await goItems(temporaryFolder('go'))),
    ]
    const certificate = readFileSync(byOpenssl.find(({ name }) => name === 'RSA.pem')?.file ?? '', 'utf8')
    all = await stage(`verdicts on ${items.length} files`, () =>
      items.map((item) => judge(item, certificate)),
    )
  })

  test('has certificates, keys, revocation lists and stores of five writers', () => {
    assert.ok(items.length >= leastFiles, `${items.length} files`)
    assert.deepEqual([...new Set(items.map(({ from }) => from))].sort(), [
      'BouncyCastle',
      'OpenSSL',
      'cryptography-vectors',
      'go-pkcs12',
      'keytool of the JDK',
    ])
    assert.deepEqual([...new Set(items.map(({ kind }) => kind))].sort(), [
      'certificate',
      'crl',
      'key',
      'store',
      'trust store',
    ])
  })

  test('each verdict is that of Node.js, or the difference is listed', () => {
    const unlisted = all.flatMap((judged) => {
      const difference = differenceIn(judged)
      return difference && !listed(judged) ? [`${judged.item.from}, ${judged.item.name}: ${difference}`] : []
    })
    assert.deepEqual(unlisted, [])
  })

  test('each listed difference exists', () => {
    const found = new Set(all.flatMap((judged) => (differenceIn(judged) ? [listed(judged)] : [])))
    assert.deepEqual(
      differences.filter((each) => !found.has(each)).map(({ name, why }) => `${name}: ${why}`),
      [],
    )
  })

  test('a wrong passphrase is distinguished from a file that cannot be read', () => {
    const locked = all.filter(
      ({ own, passphrase, item }) =>
        own.verdict === 'read' && passphrase && !['cryptography-vectors', 'go-pkcs12'].includes(item.from),
    )
    assert.ok(locked.length > 40)
    for (const { item } of locked.filter(
      ({ item }) => item.kind === 'store' && !/NONE|slow/.test(item.name),
    )) {
      assert.throws(
        () => verifyClient({ pfx: item.file, passphrase: 'another' }),
        (error) => isTlsError(error) && error.code === 'PASSPHRASE_WRONG' && error.file === item.file,
        item.name,
      )
    }
  })

  test('the command in the error converts unsupported stores into supported ones', async () => {
    const unread = items.filter(({ group }) => /^(JCEKS|BKS|UBER|BCFKS)\b/.test(group))
    assert.equal(unread.length, 8)
    for (const { group: type, file } of unread) {
      const error = errorOf(() => verifyClient({ jks: file, passphrase: 'changeit' }))
      const target = await convertAsAdvised(
        error.message,
        file,
        join(temporaryFolder('converted'), 'new.p12'),
      )
      const profile = verifyClient({ pfx: target, passphrase: 'changeit' })
      assert.equal(profile.status().certificates[0]?.certificate.subject, 'CN=client', type)
      profile.close()
    }
  })

  test('docs/certificates.md shows the table of this run', async () => {
    const table = corpusTable(all)
    const write = process.env['XAUTH_WRITE'] === '1'
    assert.ok(
      documentTable(table, { write }),
      `its table differs; npm run test:interop -- --write writes this:\n${table}`,
    )
  })
})

/** @param {() => unknown} action @returns {import('@x/tls-profiles').TlsError} */
function errorOf(action) {
  try {
    action()
  } catch (error) {
    if (isTlsError(error)) return error
    throw error
  }
  throw new Error('it was read')
}
