/** Material as a path, as text or as bytes: how they are distinguished, and that a key is never shown. */
import { spawnSync } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { mkdirSync, readFileSync, realpathSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { inspect } from 'node:util'
import { assert as check, constantFrom, property } from 'fast-check'
import {
  fromLegacyOptions,
  isTlsError,
  type MaterialInput,
  mutual,
  spkiPin,
  type TlsProfile,
  verifyClient,
  verifyServer,
} from '../src/index.js'
import { isPlainPath } from '../src/lib/material/plain-path.js'
import { createAuthority, type Issued } from './support/certificates.js'
import { fileWith, folder, removeFolders } from './support/folder.js'
import { thrown } from './support/thrown.js'

const fixture = (name: string) => join(__dirname, 'fixtures', name)
let me: Issued
let ca: Issued
const made: TlsProfile[] = []

beforeAll(async () => {
  const authority = await createAuthority()
  ca = authority
  me = await authority.issue({ commonName: 'me', names: [] })
})
afterEach(() => {
  for (const profile of made.splice(0)) profile.close()
})
afterAll(removeFolders)

function make<T extends TlsProfile>(profile: T): T {
  made.push(profile)
  return profile
}

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64')
const der = (pem: string) => Buffer.from(pem.replace(/-----[A-Z0-9 ]+-----|\s/g, ''), 'base64')
const wrapped = (text: string) => text.replace(/.{64}/g, '$&\n')

/** Forms of a key that a user may paste. */
const writings: Readonly<Record<string, (pem: string) => string>> = {
  'base64 of PEM, as in a secret of Kubernetes': base64,
  'base64url of PEM': (pem) => Buffer.from(pem).toString('base64url'),
  'base64 of DER': (pem) => base64(der(pem)),
  'base64url of DER': (pem) => der(pem).toString('base64url'),
  'base64 of DER on many lines': (pem) => wrapped(base64(der(pem))),
  'base64 of PEM in quotes': (pem) => `"${base64(pem)}"`,
  'base64 of DER in quotes': (pem) => `'${base64(der(pem))}'`,
  'base64 of DER after a blank': (pem) => ` ${base64(der(pem))}`,
  'base64 of PEM and a line end': (pem) => `${base64(pem)}\n`,
}

/** Forms that are not accepted, but still contain the complete key. */
const refusedWritings: Readonly<Record<string, (pem: string) => string>> = {
  'a JWK': (pem) => JSON.stringify(createPrivateKey(pem).export({ format: 'jwk' })),
  'the secret number of a JWK': (pem) => String(createPrivateKey(pem).export({ format: 'jwk' }).d),
  'base64 of a JWK': (pem) => base64(JSON.stringify(createPrivateKey(pem).export({ format: 'jwk' }))),
  'bytes with colons': (pem) =>
    der(pem)
      .toString('hex')
      .replace(/..(?=.)/g, '$&:'),
  'bytes with blanks': (pem) =>
    der(pem)
      .toString('hex')
      .replace(/..(?=.)/g, '$& '),
  'bytes with hyphens': (pem) =>
    der(pem)
      .toString('hex')
      .replace(/..(?=.)/g, '$&-'),
  'a dump in fours': (pem) =>
    der(pem)
      .toString('hex')
      .replace(/....(?=.)/g, '$& '),
  'bytes with \\x': (pem) => der(pem).toString('hex').replace(/../g, '\\x$&'),
  'bytes in decimal': (pem) => Array.from(der(pem)).join(','),
  hexadecimal: (pem) => der(pem).toString('hex'),
  'hexadecimal in capitals': (pem) => der(pem).toString('hex').toUpperCase(),
  'base64 twice': (pem) => base64(base64(pem)),
  'a data URL': (pem) => `data:application/x-pem-file;base64,${base64(pem)}`,
  'URL encoding': (pem) => encodeURIComponent(pem),
  'URL encoding of base64': (pem) => encodeURIComponent(base64(der(pem))),
  'base64 cut off at its start': (pem) => base64(der(pem)).slice(9),
  'base64 cut off at its end': (pem) => base64(der(pem)).slice(0, -9),
  'a name before it': (pem) => `key=${base64(der(pem))}`,
  'a path before it': (pem) => `/etc/${base64(der(pem))}`,
  'PEM in JSON': (pem) => JSON.stringify(pem),
  'PEM without its minus signs': (pem) => pem.replaceAll('-', ''),
  'PEM with \\n as two characters': (pem) => pem.replaceAll('\n', '\\n'),
  'PEM on one line': (pem) => pem.replaceAll('\n', ' '),
  'PEM without line ends': (pem) => pem.replaceAll('\n', ''),
  'PEM in UTF-16': (pem) => Buffer.from(pem, 'utf16le').toString('latin1'),
}

const places: Readonly<Record<string, (value: string) => unknown>> = {
  'ca of verifyServer': (ca) => verifyServer({ ca }),
  'crl of verifyServer': (crl) => verifyServer({ ca: ca.cert, crl }),
  'ca, a trust store': (pfx) => verifyServer({ ca: { pfx, passphrase: 'changeit' } }),
  'cert of verifyClient': (cert) => verifyClient({ cert, key: me.key }),
  'key of verifyClient': (key) => verifyClient({ cert: ca.cert, key }),
  'pfx of verifyClient': (pfx) => verifyClient({ pfx, passphrase: 'changeit' }),
  'jks of mutual': (jks) => mutual({ ca: ca.cert, jks, passphrase: 'changeit' }),
  'keyfile of fromLegacyOptions': (keyfile) =>
    fromLegacyOptions({ caCerts: ca.cert, certfile: ca.cert, keyfile }),
  'certificate of spkiPin': (certificate) => spkiPin(certificate),
}

/** Everything that could be printed about an error. */
function printed(error: unknown): string {
  if (error === undefined) return ''
  const all = inspect(error, { depth: 9, showHidden: true, maxStringLength: null })
  const { message = '', stack = '', ...fields } = error as Error
  return [all, message, stack, JSON.stringify(fields), JSON.stringify(error)].join('\n')
}

/** Pieces of a text that are so long that two texts cannot share one by accident. */
function pieces(text: string): string[] {
  const bare = text.replace(/\s/g, '')
  return (
    Array.from({ length: Math.floor(bare.length / 12) }, (_, index) =>
      bare.slice(index * 12, index * 12 + 12),
    )
      // The beginning of every key is not secret, and the words of PEM and of a JWK are not either.
      .slice(Math.ceil(text.length / 36))
  )
}

function refusal(action: () => unknown): unknown {
  try {
    const profile = action()
    if (typeof profile === 'object') made.push(profile as TlsProfile)
    return undefined
  } catch (error) {
    if (isTlsError(error)) return error
    throw error
  }
}

describe('a key in another form', () => {
  test.each(Object.entries(writings))('%s is read', (_, write) => {
    for (const pem of [me.key, String(createPrivateKey(me.key).export({ type: 'sec1', format: 'pem' }))]) {
      make(verifyClient({ cert: write(me.cert), key: write(pem) }))
    }
    make(verifyServer({ ca: write(ca.cert) }))
  })

  test('stores in base64 are read', () => {
    const read = (name: string) => base64(readFileSync(fixture(name)))
    make(verifyClient({ pfx: read('rsa.p12'), passphrase: 'changeit' }))
    make(verifyClient({ jks: wrapped(read('rsa.jks')), passphrase: 'changeit' }))
  })

  const keys = [
    generateKeyPairSync('ed25519').privateKey,
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey,
    generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey,
  ].map((key) => String(key.export({ type: 'pkcs8', format: 'pem' })))
  const all = { ...writings, ...refusedWritings }

  test('nothing of a key is shown, in any form and option', () => {
    check(
      property(
        constantFrom(...keys),
        constantFrom(...Object.keys(all)),
        constantFrom(...Object.keys(places)),
        (key, writing, place) => {
          const value = all[writing]?.(key) ?? ''
          const error = refusal(() => places[place]?.(value))
          const shown = printed(error)
          expect(pieces(value).filter((each) => shown.includes(each))).toEqual([])
        },
      ),
      { numRuns: 300 },
    )
  })

  test('a store in base64 is not shown either', () => {
    const stores = ['rsa.p12', 'rsa.jks', 'ed25519.jceks'].map((name) => readFileSync(fixture(name)))
    for (const store of stores) {
      for (const value of [
        base64(store),
        store.toString('base64url'),
        store.toString('hex'),
        store.toString('latin1'),
      ]) {
        for (const place of Object.values(places)) {
          const shown = printed(refusal(() => place(value)))
          expect(pieces(value).filter((each) => shown.includes(each))).toEqual([])
        }
      }
    }
  })
})

describe('a path', () => {
  test.each([
    '/etc/cassandra/certs/ca.pem',
    'ca.pem',
    './certs/client-2024.key',
    '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
    '/srv/someone/Projects/TheApplication/config/tls/Client Certificate.pem',
    '/var/lib/kubelet/pods/3f2a7c1e-9b0d-4e6f-8a51-0c9d7e6b5a43/volumes/kubernetes.io~secret/tls/tls.key',
    'C:\\ProgramData\\Cassandra\\client.p12',
    '/certs/..2024_11_28_22_30_03.1234567/tls.crt',
    '/schlüssel/密钥.pem',
  ])('%s is shown', (path) => {
    expect(isPlainPath(path)).toBe(true)
    expect(thrown(() => verifyServer({ ca: path })).code).toBe('FILE_MISSING')
  })

  test('a text that looks like a key is a path if the file exists', () => {
    const name = der(me.key).subarray(0, 48).toString('base64url')
    const file = fileWith(ca.cert, name)
    expect(isPlainPath(file)).toBe(false)
    expect(make(verifyServer({ ca: file })).status().files).toEqual([file])
  })
})

describe('what is not a regular file', () => {
  const refusals = (path: string) => [
    thrown(() => verifyServer({ ca: path })),
    thrown(() => verifyClient({ cert: me.cert, key: path })),
    thrown(() => verifyClient({ pfx: path, passphrase: { path } })),
  ]

  test('a FIFO is refused at once, also if it replaced a file after the profile was made', async () => {
    const fifo = join(folder(), 'fifo')
    expect(spawnSync('mkfifo', [fifo]).status).toBe(0)
    for (const error of refusals(fifo)) expect(error).toMatchObject({ code: 'FILE_UNREADABLE', file: fifo })
    const file = fileWith(ca.cert)
    const profile = make(verifyServer({ ca: file, watch: false }))
    expect(spawnSync('sh', ['-c', 'rm "$1" && mkfifo "$1"', 'sh', file]).status).toBe(0)
    await expect(profile.reload()).rejects.toMatchObject({ code: 'FILE_UNREADABLE', file })
  })

  test('after a refused FIFO, modules behind a link (as in pnpm) can still be loaded', () => {
    const where = folder()
    mkdirSync(join(where, 'store/linked'), { recursive: true })
    mkdirSync(join(where, 'node_modules'))
    writeFileSync(join(where, 'store/linked/index.js'), 'module.exports = __filename')
    symlinkSync('../store/linked', join(where, 'node_modules/linked'))
    expect(spawnSync('mkfifo', [join(where, 'fifo')]).status).toBe(0)
    const script = `
      require(${JSON.stringify(join(__dirname, '../../../scripts/typescript.cjs'))})
      const { verifyServer } = require(${JSON.stringify(join(__dirname, '../src/index.ts'))})
      try {
        verifyServer({ ca: ${JSON.stringify(join(where, 'fifo'))} })
      } catch ({ code }) {
        console.log(code, require('linked'))
      }`
    // Next to the link: Node.js does not check again the folders that it knows already.
    writeFileSync(join(where, 'main.cjs'), script)
    const { stdout, stderr } = spawnSync(process.execPath, [join(where, 'main.cjs')], { encoding: 'utf8' })
    const real = join(realpathSync(where), 'store/linked/index.js')
    expect([stdout.trim(), stderr]).toEqual([`FILE_UNREADABLE ${real}`, ''])
  })

  test.each([['/dev/zero'], ['/dev/null'], [__dirname]])('%s is refused', (path) => {
    for (const error of refusals(path)) expect(error).toMatchObject({ code: 'FILE_UNREADABLE', file: path })
  })

  test('a file that is too large is refused before it is read', async () => {
    const file = fileWith(ca.cert)
    const profile = make(verifyServer({ ca: file, watch: false }))
    truncateSync(file, 8 * 2 ** 30) // a sparse file, which uses no disk space
    for (const error of refusals(file)) expect(error).toMatchObject({ code: 'FILE_TOO_LARGE', file })
    await expect(profile.reload()).rejects.toMatchObject({ code: 'FILE_TOO_LARGE', file })
    const error = thrown(() => verifyServer({ ca: Buffer.alloc((16 << 20) + 1) }))
    expect(error.code).toBe('FILE_TOO_LARGE')
  })
})

describe('PEM that is almost right', () => {
  const cases: readonly (readonly [string, (pem: string) => MaterialInput, RegExp])[] = [
    ['a literal \\n', (pem) => pem.replaceAll('\n', '\\n'), /two characters \\ and n/],
    ['one line', (pem) => pem.replaceAll('\n', ' '), /on one line/],
    ['no line ends', (pem) => pem.replaceAll('\n', ''), /on one line/],
    ['UTF-16 with a mark', (pem) => Buffer.from(`\ufeff${pem}`, 'utf16le'), /UTF-16/],
    ['UTF-16 without a mark', (pem) => Buffer.from(pem, 'utf16le'), /UTF-16/],
    ['UTF-16 with the other byte order', (pem) => Buffer.from(`\ufeff${pem}`, 'utf16le').swap16(), /UTF-16/],
    ['cut short', (pem) => pem.slice(0, -40), /no END line/],
    ['base64 in a file', (pem) => Buffer.from(base64(pem)), /base64 of the file/],
    ['nothing', () => Buffer.alloc(0), /empty/],
  ]

  test.each(cases)('%s: the error says so', (_, write, says) => {
    for (const input of [write(me.cert), fileWith(Buffer.from(write(me.cert) as string))]) {
      const error = thrown(() => verifyServer({ ca: input }))
      expect(['CERTIFICATE_MISSING', 'CERTIFICATE_INVALID']).toContain(error.code)
      expect(error.message).toMatch(says)
    }
    const error = thrown(() => verifyClient({ cert: me.cert, key: write(me.key) }))
    expect(['KEY_MISSING', 'KEY_INVALID']).toContain(error.code)
    expect(error.message).toMatch(says)
  })

  test('a UTF-8 mark, and line ends of Windows and of old Macs are accepted', () => {
    for (const write of [
      (pem: string) => `\ufeff${pem}`,
      (pem: string) => pem.replaceAll('\n', '\r\n'),
      (pem: string) => pem.replaceAll('\n', '\r'),
      (pem: string) => pem.replace(/^/gm, '    '), // as a block in YAML
    ]) {
      make(verifyClient({ cert: Buffer.from(write(me.cert)), key: Buffer.from(write(me.key)) }))
    }
  })

  test('the time of a search is linear', () => {
    // 200 KiB took 15 s. Sixteen times as much would take an hour, so the test needs no clock.
    const begins = Buffer.from('-----BEGIN CERTIFICATE-----\n'.repeat(120_000))
    expect(thrown(() => verifyServer({ ca: begins })).code).toBe('CERTIFICATE_MISSING')
    expect(thrown(() => verifyClient({ cert: me.cert, key: begins })).code).toBe('KEY_MISSING')
    expect(thrown(() => verifyServer({ ca: ca.cert, crl: begins })).code).toBe('CRL_INVALID')
    expect(thrown(() => verifyServer({ ca: Buffer.from('-'.repeat(3 << 20)) })).code).toBe(
      'CERTIFICATE_MISSING',
    )
  })

  test('megabytes of base64 characters give an error with a code', () => {
    for (const text of ['A'.repeat(16 << 20), 'MIIB'.repeat(3 << 20), '/a'.repeat(4 << 20)]) {
      for (const given of [text, Buffer.from(text)]) {
        expect(thrown(() => verifyServer({ ca: given })).code).toBe('CERTIFICATE_MISSING')
      }
    }
  })
})

describe('a key that is encrypted', () => {
  const key = (name: string) => ({ cert: fixture('plain.pem'), key: fixture(name) })

  test('by scrypt is read', () => {
    make(verifyClient({ ...key('scrypt.key'), passphrase: 'changeit' }))
    expect(thrown(() => verifyClient({ ...key('scrypt.key'), passphrase: 'other' })).code).toBe(
      'PASSPHRASE_WRONG',
    )
  })

  test.each(['des.key', 'old-des.key'])(
    '%s: with a legacy algorithm of OpenSSL, and the passphrase is not blamed',
    (name) => {
      const error = thrown(() => verifyClient({ ...key(name), passphrase: 'changeit' }))
      expect(error).toMatchObject({ code: 'ENCRYPTION_UNSUPPORTED', file: fixture(name) })
    },
  )

  test('in DER is read, and without a passphrase the error asks for it', () => {
    const options = { type: 'pkcs8', format: 'der', cipher: 'aes-256-cbc', passphrase: 'changeit' } as const
    const encrypted = createPrivateKey(me.key).export(options)
    make(verifyClient({ cert: me.cert, key: encrypted, passphrase: 'changeit' }))
    expect(thrown(() => verifyClient({ cert: me.cert, key: encrypted })).code).toBe('PASSPHRASE_MISSING')
  })
})

test('an error in a text that is not a path names the option', () => {
  expect(thrown(() => verifyServer({ ca: 'a\0b' }))).toMatchObject({
    code: 'CERTIFICATE_MISSING',
    file: undefined,
  })
})

describe('a secret instead of a path', () => {
  const secrets = [
    'hunter2',
    'correct horse',
    'aGVsbG8gd29ybGQxMjM0',
    'aGVs/bG8gd29ybGQx',
    '/hunter2',
    '/hunter2/x',
  ]

  test.each(secrets)('%s as the path of a passphrase is not quoted', (path) => {
    const error = thrown(() => verifyClient({ cert: me.cert, key: me.key, passphrase: { path } }))
    expect(error.code).toBe('FILE_MISSING')
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain(path)
  })

  test.each(secrets)('%s as ca, crl, cert or key is not quoted', (text) => {
    for (const create of [
      () => verifyServer({ ca: text }),
      () => verifyServer({ ca: ca.cert, crl: text }),
      () => verifyClient({ cert: text, key: me.key }),
      () => verifyClient({ cert: me.cert, key: text }),
      () => verifyClient({ pfx: text }),
    ]) {
      const error = thrown(create)
      expect(isTlsError(error)).toBe(true)
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain(text)
    }
  })

  test.each([['./missing'], ['missing.pem'], [join(__dirname, 'missing')], [join(__dirname, 'missing/a/b')]])(
    'a text that can only be a path is quoted: %s',
    (path) => {
      expect(thrown(() => verifyServer({ ca: path }))).toMatchObject({
        code: 'FILE_MISSING',
        file: resolve(path),
      })
      const { message } = thrown(() => verifyClient({ cert: me.cert, key: me.key, passphrase: { path } }))
      expect(message).toContain(resolve(path))
    },
  )
})

describe('a valid file in the wrong option is named', () => {
  const p12 = () => readFileSync(fixture('rsa.p12'))

  test.each<[string, () => TlsProfile, string, string]>([
    ['PKCS #12 as ca', () => verifyServer({ ca: p12() }), 'CERTIFICATE_INVALID', 'it is a PKCS #12 store'],
    [
      'PKCS #12 as cert',
      () => verifyClient({ cert: p12(), key: me.key }),
      'CERTIFICATE_INVALID',
      'option pfx',
    ],
    ['PKCS #12 as key', () => verifyClient({ cert: me.cert, key: p12() }), 'KEY_INVALID', 'option pfx'],
    [
      'PKCS #12 as crl',
      () => verifyServer({ ca: ca.cert, crl: p12() }),
      'CRL_INVALID',
      'it is a PKCS #12 store',
    ],
    [
      'a certificate as key',
      () => verifyClient({ cert: me.cert, key: me.cert }),
      'KEY_MISSING',
      'its PEM has nothing but CERTIFICATE',
    ],
    [
      'a certificate in DER as key',
      () => verifyClient({ cert: me.cert, key: der(me.cert) }),
      'KEY_INVALID',
      'it is a certificate',
    ],
  ])('%s', (_, create, code, says) => {
    const error = thrown(create)
    expect(error.code).toBe(code)
    expect(error.message).toContain(says)
  })

  test('a revocation list in DER', async () => {
    const authority = await createAuthority()
    const crl = der(await authority.revoke(await authority.issue()))
    const error = thrown(() => verifyServer({ ca: authority.cert, crl }))
    expect(error.code).toBe('CRL_INVALID')
    expect(error.message).toContain('it is a revocation list in DER')
  })
})
