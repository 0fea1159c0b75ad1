/**
 * Certificates, keys and stores from outside. The result is a profile, or a TlsError that says what is wrong and shows no secret.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { astra, errorTable, isTlsError, verifyClient, verifyServer } from '@x/tls-profiles'
import { zipOf } from '../lib/zip.mjs'
import { changeBytes } from '../mutators/bytes.mjs'
import { changeDer } from '../mutators/der.mjs'
import { changeText } from '../mutators/text.mjs'

/** @typedef {import('../lib/random.mjs').Random} Random */

const passphrase = 'changeit'
const fixtures = new URL('../../packages/tls-profiles/test/fixtures/', import.meta.url)
/** @param {string} name */
const fixture = (name) => readFileSync(new URL(name, fixtures))
/** @param {RegExp} pattern */
const fixturesLike = (pattern) =>
  readdirSync(fixtures)
    .filter((name) => pattern.test(name))
    .map(fixture)

/** @param {Buffer} pem */
const derOf = (pem) => Buffer.from(pem.toString('latin1').replaceAll(/-----[^-]+-----/g, ''), 'base64')
const certificate = fixture('ca.pem')
const key = fixture('plain.pem')
const pemWords = [
  '-----BEGIN CERTIFICATE-----',
  '-----END CERTIFICATE-----',
  '-----BEGIN TRUSTED CERTIFICATE-----',
  '-----BEGIN ENCRYPTED PRIVATE KEY-----',
  '-----BEGIN X509 CRL-----',
  'Proc-Type: 4,ENCRYPTED',
  'DEK-Info: AES-256-CBC,00',
  '\\n',
  '\r\n',
  '\n\n',
  '\uFEFF',
]

/** @param {() => object} make */
function judge(make) {
  try {
    make()
  } catch (error) {
    if (!isTlsError(error) || !(error.code in errorTable)) throw error
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a message must not contain what a terminal acts on
    if (/[\x00-\x09\x0b-\x1f\x7f]/.test(error.message))
      throw new Error(`raw control characters: ${JSON.stringify(error.message)}`)
    if (error.message.length > 4_000) throw new Error(`a message of ${error.message.length} characters`)
    for (const text of [error.message, JSON.stringify(error)]) {
      if (text.includes(passphrase)) throw new Error('the passphrase is in the error')
    }
  }
}

/** Corrects the checksum of a JKS, so that the reader does not stop there. @param {Buffer} bytes */
function withChecksum(bytes) {
  const contents = bytes.subarray(0, Math.max(0, bytes.length - 20))
  const password = Buffer.from(passphrase, 'utf16le').swap16()
  return Buffer.concat([
    contents,
    createHash('sha1').update(password).update('Mighty Aphrodite').update(contents).digest(),
  ])
}

const folder = mkdtempSync(join(tmpdir(), 'x-auth-fuzz-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

/** @type {import('../lib/target.mjs').Target[]} */
export const targets = [
  {
    name: 'material-pem',
    covers: ['tls-profiles/dist/lib/material', 'tls-profiles/dist/certificate'],
    seeds: () => [certificate, key, Buffer.concat([key, certificate]), ...fixturesLike(/\.key$/)],
    change: changeText(pemWords, /(\n|-----|=)/),
    run(input) {
      judge(() => verifyServer({ ca: input }))
      judge(() => verifyClient({ cert: input, key: input, passphrase }))
    },
  },
  {
    name: 'material-der',
    covers: ['tls-profiles/dist/lib/material', 'tls-profiles/dist/certificate'],
    seeds: () => [derOf(certificate), derOf(key)],
    change: changeDer,
    run(input) {
      judge(() => verifyServer({ ca: input }))
      judge(() => verifyClient({ cert: certificate, key: input, passphrase }))
    },
  },
  {
    name: 'material-pkcs12',
    covers: ['tls-profiles/dist/lib/material', 'tls-profiles/dist/certificate'],
    // Most stores have a MAC, so the reader rejects changed bytes. With a store without a MAC, changed bytes reach more
    // code.
    seeds: () =>
      [
        'unencrypted.p12',
        'without-mac.p12',
        'ec.p12',
        'empty-passphrase.p12',
        'pbmac1.p12',
        'secret-beside.p12',
      ].map(fixture),
    change: changeDer,
    run(input) {
      judge(() => verifyClient({ pfx: input, passphrase }))
    },
  },
  {
    name: 'material-jks',
    covers: ['tls-profiles/dist/lib/material', 'tls-profiles/dist/certificate'],
    seeds: () => [...fixturesLike(/\.jks$/), fixture('ed25519.jceks')],
    change: (bytes, random, other) => {
      const changed = changeBytes(bytes, random, other)
      return random.once(4) ? changed : withChecksum(changed)
    },
    run(input) {
      judge(() => verifyClient({ jks: input, passphrase }))
    },
  },
  {
    name: 'material-bundle',
    covers: ['tls-profiles/dist/lib/material/zip', 'tls-profiles/dist/lib/material/bundle'],
    seeds: () => [
      zipOf({
        'config.json': Buffer.from('{"host":"h.example","port":29080,"localDC":"dc"}'),
        'ca.crt': certificate,
        cert: certificate,
        key,
      }),
      zipOf({ 'config.json': Buffer.from('{}') }),
    ],
    change: changeBytes,
    run(input) {
      const bundle = join(folder, 'bundle.zip')
      writeFileSync(bundle, input)
      judge(() => astra({ bundle }))
    },
  },
]
