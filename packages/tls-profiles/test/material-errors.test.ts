/** What an error about material names: the option, the file, the certificate, and the reason. */
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { basename, join } from 'node:path'
import tls from 'node:tls'
import { astra, type TlsProfile, verifyClient, verifyServer } from '../src/index.js'
import { deriveSync } from '../src/lib/material/derive.js'
import { loadMaterial } from '../src/lib/material/material.js'
import { type Source, sourceOf } from '../src/lib/material/source.js'
import { type Authority, createAuthority, type Issued } from './support/certificates.js'
import { fileWith, folder, removeFolders } from './support/folder.js'
import { fresh } from './support/fresh.js'
import { thrown } from './support/thrown.js'
import { zipOf } from './support/zip.js'

const fixture = (name: string) => join(__dirname, 'fixtures', name)
const passphrase = 'changeit'
let ca: Authority
let me: Issued
let between: Authority
const made: TlsProfile[] = []

beforeAll(async () => {
  ca = await createAuthority()
  between = await ca.intermediate('Between')
  me = await ca.issue({ commonName: 'me', names: [] })
})
afterEach(() => {
  for (const profile of made.splice(0)) profile.close()
  jest.restoreAllMocks()
})
afterAll(removeFolders)

function make<T extends TlsProfile>(profile: T): T {
  made.push(profile)
  return profile
}
const der = (pem: string) => Buffer.from(pem.replace(/-----[A-Z0-9 ]+-----|\s/g, ''), 'base64')
const damaged = (pem: string) => pem.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA')

describe('the roots of Amazon', () => {
  const load = (roots?: readonly string[]) => {
    jest.doMock('node:tls', () => ({ ...tls, rootCertificates: roots ?? tls.rootCertificates }))
    try {
      return fresh(
        () =>
          require('../src/lib/material/amazon-roots.js') as typeof import('../src/lib/material/amazon-roots.js'),
      ).amazonRoots
    } finally {
      jest.dontMock('node:tls')
    }
  }

  test('are five, and a Node.js without them is told so', () => {
    expect(load()()).toHaveLength(5)
    const few = load([ca.cert])
    expect(few).toThrow(expect.objectContaining({ code: 'ROOTS_MISSING' }))
  })
})

describe('a bundle of Astra', () => {
  const config = (more: object = {}) => JSON.stringify({ host: 'x.example', port: 29080, ...more })
  const files = (more: Record<string, string> = {}) => ({
    'ca.crt': ca.cert,
    cert: me.cert,
    key: me.key,
    'config.json': config(),
    ...more,
  })
  const errorOf = (contents: Record<string, string>) => {
    const file = fileWith(zipOf(contents), 'b.zip')
    return { file, error: thrown(() => astra({ bundle: file })) }
  }

  test.each(['ca.crt', 'cert', 'key', 'config.json'])('without its file %s', (name) => {
    const { [name]: _, ...others } = files() as Record<string, string>
    const { file, error } = errorOf(others)
    expect(error).toMatchObject({ code: 'BUNDLE_INVALID', file })
    expect(error.message).toContain(`no file ${name}.`)
  })

  test.each([
    ['ca.crt', 'CERTIFICATE_MISSING'],
    ['cert', 'CERTIFICATE_MISSING'],
    ['key', 'KEY_MISSING'],
  ])('whose file %s is empty', (name, code) => {
    const { file, error } = errorOf(files({ [name]: '' }))
    expect(error.code).toBe(code)
    expect(error.message).toContain(`\`${name} in ${file}\``)
  })

  test('trusts only the CA in it, which must be a root that is still valid', async () => {
    expect(errorOf(files({ 'ca.crt': between.cert })).error.code).toBe('CA_WITHOUT_ROOT')
    const old = await createAuthority('Old CA', { validTo: new Date(Date.now() - 1000) })
    expect(errorOf(files({ 'ca.crt': old.cert })).error.code).toBe('CERTIFICATE_EXPIRED')
  })

  test.each<[string, string]>([
    ['null', 'null'],
    ['a number', '5'],
    ['a text', '"text"'],
    ['no JSON', '{'],
  ])('whose config.json is %s', (_, text) => {
    const { file, error } = errorOf(files({ 'config.json': text }))
    expect(error).toMatchObject({ code: 'BUNDLE_INVALID', file, cause: undefined })
    expect(error.message).toContain('is not a JSON object')
  })

  test.each([
    { host: 5 },
    { host: '' },
    { port: 'x' },
    { port: 0 },
    { port: -1 },
    { port: 1.5 },
    { port: undefined },
  ])('whose config.json has %j', (more) => {
    const { file, error } = errorOf(files({ 'config.json': config(more) }))
    expect(error).toMatchObject({ code: 'BUNDLE_INVALID', file })
    expect(error.message).toContain('has no host and port')
  })

  test('a port may be written as text, and credentials are a name and a password', () => {
    const bundle = (more: object) =>
      astra({ bundle: fileWith(zipOf(files({ 'config.json': config(more) })), 'b.zip') }).bundle
    expect(bundle({ port: '29080' }).port).toBe(29_080)
    expect(bundle({ port: 1 }).port).toBe(1)
    expect(bundle({}).hasCredentials).toBe(false)
    expect(bundle({ username: 'u' }).hasCredentials).toBe(false)
    expect(bundle({ password: 'p' }).hasCredentials).toBe(false)
    expect(bundle({ username: 'u', password: 'p' }).hasCredentials).toBe(true)
    expect(Object.isFrozen(bundle({}))).toBe(true)
  })

  test('that cannot be unpacked says why, if that is known', () => {
    const none = fileWith('hello', 'b.zip')
    const error = thrown(() => astra({ bundle: none }))
    expect(error).toMatchObject({ code: 'BUNDLE_INVALID', file: none, cause: { name: 'FormatError' } })
    expect(error.message).toContain('cannot be unpacked: it is not a zip file.')
    const zip = zipOf(files())
    // The second file is compressed: its bytes follow the local header and the name.
    const at = zip.indexOf('cert', zip.indexOf('ca.crt') + 6) + 4
    const broken = Buffer.concat([zip.subarray(0, at), Buffer.alloc(9, 255), zip.subarray(at + 9)])
    const other = thrown(() => astra({ bundle: fileWith(broken, 'b.zip') }))
    expect(other.code).toBe('BUNDLE_INVALID')
    expect(other.message).toContain('cannot be unpacked.')
    expect(other.cause).toBeDefined()
  })
})

describe('a chain', () => {
  test('whose two CAs certify each other has each of them once', async () => {
    const [first, second] = [await ca.intermediate('First'), await ca.intermediate('Second')]
    const firstBySecond = await second.intermediate('First', { keys: first.keys })
    const secondByFirst = await first.intermediate('Second', { keys: second.keys })
    const own = await first.issue({ commonName: 'own', names: [] })
    const profile = make(
      verifyClient({ cert: own.cert + firstBySecond.cert + secondByFirst.cert, key: own.key }),
    )
    expect(profile.status().certificates.map(({ certificate }) => certificate.subject)).toEqual([
      'CN=own',
      'CN=First',
      'CN=Second',
    ])
  })

  test('may have at most 100 certificates', async () => {
    const chain = [ca]
    for (let left = 99; left > 0; left--)
      chain.push(await (chain.at(-1) as Authority).intermediate(`CA ${left}`))
    const own = await (chain.at(-1) as Authority).issue({ commonName: 'own', names: [] })
    const certs = [own.cert, ...chain.slice(1).map(({ cert }) => cert)]
    expect(make(verifyClient({ cert: certs.join(''), key: own.key })).status().certificates).toHaveLength(100)
    const last = await (chain.at(-1) as Authority).intermediate('One more')
    const under = await last.issue({ commonName: 'under', names: [] })
    const file = fileWith([under.cert, last.cert, ...certs.slice(1)].join(''))
    const error = thrown(() => verifyClient({ cert: file, key: under.key }))
    expect(error).toMatchObject({
      code: 'CERTIFICATE_INVALID',
      file,
      certificate: { subject: 'CN=under', file },
    })
    expect(error.message).toContain('CN=under has more than 100 certificates')
  })

  test('the error of a key that fits none names where the certificates and the keys are', async () => {
    const [other, third] = [await ca.issue(), await ca.issue()]
    const [one, two, key] = [fileWith(me.cert), fileWith(ca.cert), fileWith(other.key)]
    const messageOf = (cert: string | string[], given: string) =>
      thrown(() => verifyClient({ cert, key: given })).message
    expect(messageOf([one, two, one], key)).toContain(
      `The private key in ${key} belongs to no certificate in ${one}, ${two}.`,
    )
    expect(messageOf(me.cert, other.key)).toContain(
      'The private key in `key` belongs to no certificate in `cert`.',
    )
    expect(messageOf(me.cert, other.key + third.key)).toContain(
      'None of the 2 private keys in `key` belongs to a certificate in `cert`.',
    )
  })

  test('with an expired intermediate is refused with its name', async () => {
    const old = await ca.intermediate('Old', { validTo: new Date(Date.now() - 1000) })
    const own = await old.issue({ commonName: 'own', names: [] })
    const [cert, issuer] = [fileWith(own.cert), fileWith(old.cert)]
    const error = thrown(() => verifyClient({ cert: [cert, issuer], key: own.key }))
    expect(error).toMatchObject({
      code: 'CERTIFICATE_EXPIRED',
      file: issuer,
      certificate: { subject: 'CN=Old', file: issuer },
    })
    expect(error.message).toContain(`The certificate CN=Old in ${issuer} expired on`)
  })
})

describe('what OpenSSL refuses', () => {
  test('a weak key: which one, where, and in the words of OpenSSL', async () => {
    const weak = await ca.issue({ commonName: 'weak', names: [], rsaBits: 512 })
    const file = fileWith(weak.cert)
    const error = thrown(() => verifyClient({ cert: file, key: weak.key }))
    expect(error).toMatchObject({ code: 'KEY_TOO_WEAK', file, certificate: { subject: 'CN=weak' } })
    const said = (error.cause as Error).message
    expect(error.message).toContain(
      `OpenSSL rejects a key or a signature because it is too weak: ${said} (${file}). `,
    )
    const given = thrown(() => verifyClient({ cert: weak.cert, key: weak.key }))
    expect(given).toMatchObject({ code: 'KEY_TOO_WEAK', file: undefined })
    expect(given.message).toContain(`too weak: ${said}. `)
  })

  test('a list of ciphers, without naming a certificate', () => {
    const error = thrown(() => verifyClient({ cert: fileWith(me.cert), key: me.key, ciphers: 'NONE' }))
    expect(error).toMatchObject({ code: 'CIPHERS_INVALID', file: undefined, certificate: undefined })
    expect(error.message).toContain(`: ${(error.cause as Error).message}. `)
  })

  test('a revocation list', async () => {
    const error = thrown(() => verifyServer({ ca: ca.cert, crl: damaged(crl) }))
    expect(error).toMatchObject({ code: 'CRL_INVALID', certificate: undefined })
    expect(error.message).toContain(`: ${(error.cause as Error).message}. `)
  })
  let crl: string
  beforeAll(async () => {
    crl = await ca.revoke()
  })

  test('anything else, as an option', () => {
    const { contextFrom } = fresh(
      () => require('../src/lib/material/context.js') as typeof import('../src/lib/material/context.js'),
    )
    const material = deriveSync(loadMaterial({}, new Map(), new Date()))
    const parameters = {
      minVersion: 'TLSv9' as 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      ciphers: undefined,
    } as const
    expect(() => contextFrom(material, parameters)).toThrow(
      expect.objectContaining({
        code: 'OPTION_INVALID',
        message: expect.stringMatching(/^OpenSSL refuses the options: .*TLSv9/),
      }),
    )
  })
})

describe('the options of our own certificate', () => {
  const optionOf = (options: object) =>
    thrown(() => verifyClient(options as Parameters<typeof verifyClient>[0])).message

  test.each<[string, () => object, string]>([
    ['an alias', () => ({ cert: me.cert, key: me.key, alias: 'a' }), '`alias` is only for'],
    [
      'a keyPassphrase',
      () => ({ cert: me.cert, key: me.key, keyPassphrase: 'a' }),
      '`keyPassphrase` is only for',
    ],
    ['cert', () => ({ cert: 'no certificate', key: me.key }), 'no certificate in `cert`'],
    ['key', () => ({ cert: me.cert, key: 'no key' }), 'no private key in `key`'],
    ['pfx', () => ({ pfx: Buffer.from('no store') }), 'The store `pfx`'],
    ['jks', () => ({ jks: Buffer.from('no store') }), 'The store `jks`'],
    [
      'passphrase',
      () => ({ pfx: fixture('rsa.p12'), passphrase: { path: 'no file' } }),
      'in `passphrase` is not a file',
    ],
    [
      'keyPassphrase',
      () => ({ pfx: fixture('rsa.p12'), passphrase, keyPassphrase: { path: 'no file' } }),
      'in `keyPassphrase` is not a file',
    ],
  ])('an error names its option: %s', (_, options, says) => {
    expect(optionOf(options())).toContain(says)
  })

  test('a text that cannot be a path is not shown', () => {
    expect(optionOf({ pfx: fixture('rsa.p12'), passphrase: { path: 'hunter2' } })).not.toContain('hunter2')
  })
})

describe('the options of trust', () => {
  test.each<[string, object, string]>([
    ['ca', { ca: 'no certificate' }, 'no certificate in `ca`'],
    ['a store in ca', { ca: { pfx: Buffer.from('no store') } }, 'The store `ca`'],
    ['a JKS store in ca', { ca: { jks: Buffer.from('no store') } }, 'The store `ca`'],
    [
      'the passphrase of a store',
      { ca: { pfx: fixture('truststore.p12'), passphrase: { path: 'no file' } } },
      'in `passphrase` is not a file',
    ],
    ['crl', { systemRoots: true, crl: 'no list' }, 'no revocation list in `crl`'],
  ])('an error names its option: %s', (_, options, says) => {
    expect(thrown(() => verifyServer(options as never)).message).toContain(says)
  })

  test('a root decides how long the profile works, and not an intermediate that is trusted too', async () => {
    const root = await createAuthority('Short root', { validTo: new Date(Date.now() + 40 * 86_400_000) })
    const long = await root.intermediate('Long', { validTo: new Date(Date.now() + 80 * 86_400_000) })
    expect(make(verifyServer({ ca: [root.cert, long.cert] })).status().expiresAt).toEqual(root.x509.notAfter)
  })

  test('an expired root is an error, although an intermediate is valid', async () => {
    const root = await createAuthority('Old root', { validTo: new Date(Date.now() - 1000) })
    const valid = await root.intermediate('Valid')
    const file = fileWith(root.cert)
    expect(thrown(() => verifyServer({ ca: [valid.cert, file] }))).toMatchObject({
      code: 'CERTIFICATE_EXPIRED',
      file,
      certificate: { subject: 'CN=Old root' },
    })
    expect(thrown(() => verifyServer({ ca: [fileWith(valid.cert, 'x.pem')] }))).toMatchObject({
      code: 'CA_WITHOUT_ROOT',
      file: expect.stringMatching(/x\.pem$/),
      certificate: { subject: 'CN=Valid' },
    })
  })
})

describe('the list of CAs for OpenSSL', () => {
  const option = (pem: string): Source => ({ option: 'ca', bytes: Buffer.from(pem) })
  const load = (ca: readonly Source[], systemRoots: boolean) =>
    deriveSync(loadMaterial({ trust: { ca, systemRoots, crl: [] } }, new Map(), new Date()))
  const pem = () => new X509Certificate(ca.cert).toString()

  test('is empty if nothing is trusted, and left to Node.js if only its roots are', () => {
    expect(deriveSync(loadMaterial({}, new Map(), new Date()))).toMatchObject({
      ca: [],
      crl: [],
      client: undefined,
      summary: { systemRoots: false, ca: [], anchors: [], crls: 0, client: [] },
    })
    expect(load([], true)).toMatchObject({ ca: undefined, summary: { systemRoots: true } })
    expect(load([option(ca.cert)], false).ca).toEqual([pem()])
  })

  test('has the roots of Node.js, also those that were added to it', () => {
    expect(load([option(ca.cert)], true).ca).toEqual([...tls.rootCertificates, pem()])
    const getCACertificates = jest.fn(() => [me.cert])
    Object.defineProperty(tls, 'getCACertificates', { value: getCACertificates, configurable: true })
    try {
      expect(load([option(ca.cert)], true).ca).toEqual([me.cert, pem()])
      expect(getCACertificates).toHaveBeenCalledWith('default')
    } finally {
      Reflect.deleteProperty(tls, 'getCACertificates')
    }
  })

  test('and other lists have at most 5 000 members', async () => {
    const list = await ca.revoke()
    const crl = (count: number) =>
      deriveSync(
        loadMaterial(
          { trust: { ca: [option(ca.cert)], systemRoots: false, crl: [option(list.repeat(count))] } },
          new Map(),
          new Date(),
        ),
      )
    expect(crl(5_000).summary.crls).toBe(5_000)
    const many = thrown(() => crl(5_001))
    expect(many.code).toBe('FILE_TOO_LARGE')
    expect(many.message).toContain('`crl` has 5001 revocation lists; 5000 are the limit.')
    const certificates = ca.cert.repeat(5_001)
    const trusted = thrown(() => load([option(certificates)], false))
    expect(trusted.message).toContain('`ca` has 5001 certificates; 5000 are the limit.')
    const ours = thrown(() => verifyClient({ cert: certificates, key: me.key }))
    expect(ours.message).toContain('`cert` has 5001 certificates; 5000 are the limit.')
  })
})

describe('private keys', () => {
  const codeOf = (key: string | Uint8Array, given?: string) =>
    thrown(() => verifyClient({ cert: ca.cert, key, ...(given === undefined ? {} : { passphrase: given }) }))
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const format = 'pem'

  test.each<[string, string]>([
    ['PRIVATE KEY', String(ec.export({ type: 'pkcs8', format }))],
    ['RSA PRIVATE KEY', String(rsa.export({ type: 'pkcs1', format }))],
    ['EC PRIVATE KEY', String(ec.export({ type: 'sec1', format }))],
  ])('%s is read', (label, pem) => {
    expect(pem).toContain(`BEGIN ${label}-`)
    expect(codeOf(pem).code).toBe('KEY_MISMATCH')
  })

  test.each(['DSA PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY'])(
    'a broken block %s is a key that cannot be parsed',
    (label) => {
      const error = codeOf(`-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`, passphrase)
      expect(error.code).toBe('KEY_INVALID')
      expect(error.message).not.toContain('nothing but')
    },
  )

  test('in DER, each form is read, and what is none of them is named', () => {
    const forms = [
      rsa.export({ type: 'pkcs8', format: 'der' }),
      rsa.export({ type: 'pkcs1', format: 'der' }),
      ec.export({ type: 'sec1', format: 'der' }),
      ec.export({ type: 'pkcs8', format: 'der' }),
    ]
    for (const each of forms) expect(codeOf(each).code).toBe('KEY_MISMATCH')
    const error = codeOf(der(ca.cert))
    expect(error).toMatchObject({ code: 'KEY_INVALID', file: undefined })
    expect(error.message).toContain('`key` cannot be parsed: it is a certificate.')
    expect(codeOf(Buffer.from('text')).message).toContain('There is no private key in `key`: it is neither')
  })

  const encrypted = (cipher: string) =>
    createPrivateKey(me.key).export({ type: 'pkcs8', format: 'der', cipher, passphrase })

  test('an encrypted key in DER needs its passphrase', () => {
    const key = encrypted('aes-256-cbc')
    make(verifyClient({ cert: me.cert, key, passphrase }))
    const file = fileWith(key, 'tls.key')
    expect(thrown(() => verifyClient({ cert: me.cert, key: file }))).toMatchObject({
      code: 'PASSPHRASE_MISSING',
      file,
      cause: undefined,
    })
    expect(thrown(() => verifyClient({ cert: me.cert, key: file, passphrase: 'other' }))).toMatchObject({
      code: 'PASSPHRASE_WRONG',
      file,
      cause: { name: 'DecryptionError' },
    })
  })

  test('a cipher that only OpenSSL knows is left to it', () => {
    const key = encrypted('aes-256-ecb')
    make(verifyClient({ cert: me.cert, key, passphrase }))
    const file = fileWith(key, 'tls.key')
    expect(thrown(() => verifyClient({ cert: me.cert, key: file, passphrase: 'other' }))).toMatchObject({
      code: 'ENCRYPTION_UNSUPPORTED',
      file,
      cause: { code: 'ENCRYPTION_UNSUPPORTED' },
    })
  })

  test('an encrypted key of the older form', () => {
    const old = String(
      createPrivateKey(me.key).export({ type: 'sec1', format, cipher: 'aes-256-cbc', passphrase }),
    )
    expect(codeOf(old).code).toBe('PASSPHRASE_MISSING')
    expect(codeOf(old.replace(/DEK-Info: [^,]*,/, 'DEK-Info: NO-SUCH-CBC,'), passphrase)).toMatchObject({
      code: 'ENCRYPTION_UNSUPPORTED',
      file: undefined,
    })
    // Not a header of its own, but the content of another one.
    expect(codeOf(old.replace('DEK-Info', 'X-Note: DEK-Info')).code).toBe('KEY_INVALID')
  })

  test('of several keys in a file, one that cannot be read may be the right one', async () => {
    const locked = String(
      createPrivateKey(me.key).export({ type: 'pkcs8', format, cipher: 'aes-256-cbc', passphrase }),
    )
    const other = await ca.issue()
    make(verifyClient({ cert: me.cert, key: locked + me.key }))
    make(verifyClient({ cert: me.cert, key: me.key + locked }))
    for (const key of [locked + other.key, other.key + locked]) {
      expect(thrown(() => verifyClient({ cert: me.cert, key })).code).toBe('PASSPHRASE_MISSING')
    }
    const broken = damaged(me.key)
    expect(thrown(() => verifyClient({ cert: me.cert, key: broken + locked })).code).toBe('KEY_INVALID')
    expect(thrown(() => verifyClient({ cert: me.cert, key: locked + broken })).code).toBe(
      'PASSPHRASE_MISSING',
    )
  })

  test('at most 20 in one file', () => {
    make(verifyClient({ cert: me.cert, key: me.key.repeat(20) }))
    const file = fileWith(me.key.repeat(21))
    const error = thrown(() => verifyClient({ cert: me.cert, key: file }))
    expect(error).toMatchObject({ code: 'KEY_INVALID', file })
    expect(error.message).toContain(`There are 21 private keys in ${file}`)
  })
})

describe('certificates', () => {
  test.each(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'])('a block %s is read', (label) => {
    const pem = ca.cert.replaceAll(' CERTIFICATE-', ` ${label}-`)
    expect(make(verifyServer({ ca: pem })).explain().trust?.ca).toHaveLength(1)
    const error = thrown(() => verifyServer({ ca: damaged(pem) }))
    expect(error.code).toBe('CERTIFICATE_INVALID')
    expect(error.message).toContain('Certificate 1 in `ca` cannot be parsed.')
  })

  test('which of several cannot be parsed is said by its number and its file', () => {
    const file = fileWith(ca.cert + damaged(ca.cert))
    const error = thrown(() => verifyServer({ ca: file }))
    expect(error).toMatchObject({ code: 'CERTIFICATE_INVALID', file })
    expect(error.cause).toBeDefined()
    expect(error.message).toContain(`Certificate 2 in ${file} `)
    const list = fileWith(Buffer.concat([der(ca.cert), der(me.cert).subarray(0, -1)]), 'ca.der')
    const other = thrown(() => verifyServer({ ca: list }))
    expect(other).toMatchObject({ code: 'CERTIFICATE_INVALID', file: list })
    expect(other.message).toContain(`Certificate 2 in ${list} `)
  })
})

describe('what is not a regular file is named', () => {
  test('a folder and a device', () => {
    const dir = folder()
    expect(thrown(() => verifyServer({ ca: dir })).message).toContain(`${dir} is a folder, not a file.`)
    expect(thrown(() => verifyServer({ ca: '/dev/null' }))).toMatchObject({
      code: 'FILE_UNREADABLE',
      file: '/dev/null',
      message: expect.stringContaining('/dev/null is a device, not a file.'),
    })
  })

  test('a socket', async () => {
    const path = join(folder(), 'ca.pem')
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(path, resolve))
    try {
      expect(thrown(() => verifyServer({ ca: path })).message).toContain(`${path} is a socket, not a file.`)
    } finally {
      server.close()
    }
  })
})

describe('a text that may be a path', () => {
  const outcome = (text: string) => thrown(() => verifyServer({ ca: text }))

  test.each([
    ['./missing', true],
    ['../missing', true],
    [`../${basename(process.cwd())}/missing`, true],
    ['missing.pem', true],
    ['packages/missing', true],
    ['missing', false],
    ['missing.pemx', false],
    ['missing./else', false],
    ['missing/else', false],
    ['/missing', false],
    ['/missing/else', false],
    ['./missing\0', false],
  ])('%j: %p', (text, isPath) => {
    const error = outcome(text)
    expect(error.code).toBe(isPath ? 'FILE_MISSING' : 'CERTIFICATE_MISSING')
    expect(error.message.includes('missing')).toBe(isPath)
  })

  test('has fewer than 4 096 characters', () => {
    const path = (length: number) => `/${'a/'.repeat(2_100)}`.slice(0, length - 4).concat('.pem')
    expect(outcome(path(4_095)).code).toBe('FILE_MISSING')
    expect(outcome(path(4_096)).code).toBe('CERTIFICATE_MISSING')
  })

  test('is resolved when it is given', () => {
    expect(sourceOf('ca', './x.pem')).toEqual({ option: 'ca', file: join(process.cwd(), 'x.pem') })
  })
})

test('a promise of a passphrase that is rejected does not end the process', () => {
  const promise = Promise.resolve('hunter2')
  const caught = jest.spyOn(promise, 'catch')
  const ask = (() => promise) as unknown as () => string
  const error = thrown(() => verifyClient({ pfx: fixture('rsa.p12'), passphrase: ask }))
  expect(error.code).toBe('PASSPHRASE_MISSING')
  expect(caught).toHaveBeenCalled()
})

test('a store that cannot be read is named with its file', () => {
  const file = fileWith(readFileSync(fixture('rsa.jks')).subarray(0, 700), 'a.jks')
  expect(thrown(() => verifyClient({ jks: file, passphrase }))).toMatchObject({
    code: 'STORE_INVALID',
    file,
    cause: { name: 'FormatError' },
  })
})
