/** Parts of the material on their own: archives, blocks of PEM, dates, versions with ciphers, and stores of PKCS #12. */
import type { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { verifyClient, verifyServer } from '../src/index.js'
import { deriveSync } from '../src/lib/material/derive.js'
import type { Loaded } from '../src/lib/material/pem.js'
import { readPkcs12 } from '../src/lib/material/pkcs12.js'
import { fresh } from './support/fresh.js'
import { thrown } from './support/thrown.js'
import { zipOf } from './support/zip.js'

const fixture = (name: string) => join(__dirname, 'fixtures', name)
const passphrase = 'changeit'

describe('an archive', () => {
  const openZip = (bytes: Buffer) =>
    fresh(() => require('../src/lib/material/zip.js') as typeof import('../src/lib/material/zip.js')).openZip(
      bytes,
    )
  const files = (count: number, contents = '') =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, contents]))
  const outcome = (bytes: Buffer, name = 'f0') => {
    try {
      return openZip(bytes).read(name)?.length
    } catch (error) {
      return (error as Error).name
    }
  }
  /** The same archive with another number at this place of its end or of its first entry. */
  function changed(from: 'end' | 'entry', offset: number, value: number): Buffer {
    const bytes = zipOf(files(2, 'abc'))
    const end = bytes.length - 22
    const at = (from === 'end' ? end : bytes.readUInt32LE(end + 16)) + offset
    bytes.writeUInt16LE(value, at)
    return bytes
  }

  test.each<[string, () => Buffer, unknown]>([
    ['100 files', () => zipOf(files(100)), 0],
    ['101 files', () => zipOf(files(101)), 'FormatError'],
    ['16 MiB in all', () => zipOf(files(16), 1 << 20), 'FormatError'], // each is shorter than it says
    ['a file of 1 MiB', () => zipOf({ f0: 'a'.repeat(1 << 20) }), 1 << 20],
    ['a file of a byte more', () => zipOf({ f0: 'a'.repeat((1 << 20) + 1) }), 'FormatError'],
    ['an end that is cut short', () => zipOf(files(1)).subarray(0, -1), 'FormatError'],
    ['bytes after the end', () => Buffer.concat([zipOf(files(1, 'abc')), Buffer.from('comment')]), 3],
    ['nothing', () => Buffer.alloc(0), 'FormatError'],
    ['a directory that begins otherwise', () => changed('entry', 0, 0), 'FormatError'],
    ['another way of compression', () => changed('entry', 10, 1), 'FormatError'],
    ['another size', () => changed('entry', 24, 4), 'FormatError'],
    ['a size that goes beyond the archive', () => changed('entry', 20, 0xffff), 'FormatError'],
    ['one file fewer than there are', () => changed('end', 10, 1), 3],
    ['what was not changed', () => changed('end', 10, 2), 3],
  ])('%s', (_, bytes, expected) => {
    expect(outcome(bytes())).toBe(expected)
  })

  test('as large as a bundle may be in all, and a byte more', () => {
    expect(() => openZip(zipOf(files(16), 1 << 20))).not.toThrow()
    expect(() => openZip(zipOf({ ...files(16), more: '' }, (1 << 20) + 1))).toThrow('unpacks to')
  })

  test('two files of one name are an error, and a name that is not there has no file', () => {
    const bytes = zipOf({ f0: 'a', f1: 'b' })
    expect(openZip(bytes).read('f2')).toBeUndefined()
    const second = bytes.lastIndexOf('f1')
    bytes.write('f0', second)
    expect(outcome(bytes)).toBe('FormatError')
  })

  test('entries with more fields and a comment are skipped to their end', () => {
    const bytes = zipOf({ f0: 'abc', f1: 'defg' })
    const at = bytes.readUInt32LE(bytes.length - 6)
    const after = at + 46 + 2
    bytes.writeUInt16LE(3, at + 30)
    bytes.writeUInt16LE(5, at + 32)
    const longer = Buffer.concat([bytes.subarray(0, after), Buffer.alloc(8, 1), bytes.subarray(after)])
    expect([outcome(longer), outcome(longer, 'f1')]).toEqual([3, 4])
  })
})

describe('the blocks of PEM', () => {
  const blocks = (text: string, labels?: string[]) =>
    fresh(
      () =>
        require('../src/lib/material/pem-blocks.js') as typeof import('../src/lib/material/pem-blocks.js'),
    )
      .pemBlocks(Buffer.from(text, 'latin1'), labels)
      .map(({ text }) => text)
  const block = (label: string, ...lines: string[]) =>
    [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join('\n')

  test.each<[string, string, string[]]>([
    ['one', block('A', 'x'), [block('A', 'x')]],
    [
      'two, with text around them',
      `a\n${block('A', 'x')}\nb\n${block('B', 'y')}\nc`,
      [block('A', 'x'), block('B', 'y')],
    ],
    ['an end of another label', '-----BEGIN A-----\nx\n-----END B-----', []],
    ['an end alone', '-----END A-----', []],
    ['two ends', `${block('A', 'x')}\n-----END A-----`, [block('A', 'x')]],
    ['a beginning that another one follows', `-----BEGIN A-----\nx\n${block('A', 'y')}`, [block('A', 'y')]],
    ['a label of 64 characters', block('A'.repeat(64), 'x'), [block('A'.repeat(64), 'x')]],
    ['a label of 65 characters', block('A'.repeat(65), 'x'), []],
    ['a label with a hyphen', block('A-B', 'x'), []],
    ['an empty label', block('', 'x'), []],
    ['line ends of Windows', block('A', 'x', 'y').replaceAll('\n', '\r\n'), [block('A', 'x', 'y')]],
    ['line ends of old Macs', block('A', 'x', 'y').replaceAll('\n', '\r'), [block('A', 'x', 'y')]],
    ['empty lines', block('A', '', 'x', '', '', 'y', ''), [block('A', 'x', 'y')]],
    ['blanks and tabs around lines', block('A', ' \t x y\t ', '\t\t'), [block('A', 'x y')]],
    ['a blank of another width', block('A', '\u00a0x'), [block('A', '\u00a0x')]],
    [
      'headers',
      block('A', 'Proc-Type: 4', 'DEK-Info: a', 'x'),
      [block('A', 'Proc-Type: 4', 'DEK-Info: a', '', 'x')],
    ],
    ['one header', block('A', 'K: a', 'x', 'y'), [block('A', 'K: a', '', 'x', 'y')]],
    ['a header after the first line', block('A', 'x', 'K: a', 'y'), [block('A', 'x', 'K: a', 'y')]],
    [
      'a name of 40 letters',
      block('A', `${'K'.repeat(40)}: a`, 'x'),
      [block('A', `${'K'.repeat(40)}: a`, '', 'x')],
    ],
    [
      'a name of 41 letters',
      block('A', `${'K'.repeat(41)}: a`, 'x'),
      [block('A', `${'K'.repeat(41)}: a`, 'x')],
    ],
    ['a name with a digit', block('A', 'K1: a', 'x'), [block('A', 'K1: a', 'x')]],
    ['a colon without a blank', block('A', 'K:a', 'x'), [block('A', 'K:a', 'x')]],
  ])('%s', (_, text, expected) => {
    expect(blocks(text)).toEqual(expected)
  })

  test('only those that are wanted', () => {
    const both = `${block('A', 'x')}\n${block('B', 'y')}`
    expect(blocks(both, ['B'])).toEqual([block('B', 'y')])
    expect(blocks(both, [])).toEqual([])
  })
})

describe('dates', () => {
  const load = () =>
    fresh(
      () => require('../src/lib/material/validity.js') as typeof import('../src/lib/material/validity.js'),
    )
  const day = (number: number) => new Date(Date.UTC(2030, 0, number))
  const x509 = (from: number, to: number) =>
    ({ validFrom: day(from).toUTCString(), validTo: day(to).toUTCString() }) as X509Certificate
  const loaded = (from: number, to: number): Loaded => ({ x509: x509(from, to), file: undefined })

  test('a certificate is valid from its first moment to its last', () => {
    const { isCurrent } = load()
    const at = (now: Date) => isCurrent(x509(2, 4), now)
    expect([day(2), day(3), day(4)].map(at)).toEqual([true, true, true])
    expect([new Date(+day(2) - 1), new Date(+day(4) + 1)].map(at)).toEqual([false, false])
    const odd = { validFrom: 'never', validTo: 'never' } as X509Certificate
    expect(isCurrent(odd, day(3))).toBe(false)
  })

  test.each<[string, [number, number][], number]>([
    [
      'the one that is valid, though it is older',
      [
        [1, 2],
        [3, 9],
        [6, 9],
      ],
      1,
    ],
    [
      'the newest of those that are valid',
      [
        [2, 9],
        [3, 9],
        [1, 9],
      ],
      1,
    ],
    [
      'the one that lasts longest of those that began together',
      [
        [2, 8],
        [2, 9],
        [2, 7],
      ],
      1,
    ],
    [
      'the first of those that are alike',
      [
        [2, 8],
        [2, 8],
      ],
      0,
    ],
    [
      'the newest if none is valid',
      [
        [1, 2],
        [2, 3],
        [1, 3],
      ],
      1,
    ],
  ])('the best is %s', (_, dates, expected) => {
    const { bestOf } = load()
    const all = dates.map(([from, to]) => loaded(from, to))
    expect(bestOf(all, day(5))).toBe(all[expected])
  })

  test('none is the best of nothing, and a date that cannot be read is the oldest', () => {
    const { bestOf } = load()
    expect(bestOf([], day(5))).toBeUndefined()
    const odd = { x509: { validFrom: 'never', validTo: 'never' } as X509Certificate, file: undefined }
    const old = loaded(1, 2)
    expect(bestOf([odd, old], day(5))).toBe(old)
    expect(bestOf([old, odd], day(5))).toBe(old)
  })

  test('the end of all is the first end that can be read, and the root that lasts longest decides', () => {
    const { decisive, endOf } = load()
    const summary = (to: Date) => ({ validTo: to }) as Parameters<typeof endOf>[0][number]
    const never = summary(new Date(Number.NaN))
    const [third, fourth, fifth] = [summary(day(3)), summary(day(4)), summary(day(5))]
    expect(endOf([fourth, third, fifth, never])).toEqual(day(3))
    expect(endOf([never])).toBeUndefined()
    expect(endOf([])).toBeUndefined()
    expect(decisive({ client: [third], anchors: [fourth, fifth, third] })).toEqual([third, fifth])
    expect(decisive({ client: [third], anchors: [never, fourth] })).toEqual([third, fourth])
    expect(decisive({ client: [third], anchors: [fourth, never] })).toEqual([third, fourth])
    expect(decisive({ client: [third], anchors: [] })).toEqual([third])
    expect(decisive({ client: [], anchors: [fourth] })).toEqual([fourth])
  })
})

describe('why a certificate is not valid', () => {
  const day = (number: number) => new Date(Date.UTC(2030, 0, number))
  const error = (validFrom: string, validTo: string, now: Date) =>
    fresh(
      () => require('../src/lib/material/validity.js') as typeof import('../src/lib/material/validity.js'),
    ).validityError(
      {
        x509: { subject: 'CN=x', issuer: 'CN=y', validFrom, validTo } as X509Certificate,
        file: '/etc/tls.crt',
      },
      now,
    )
  const text = (number: number) => day(number).toUTCString()

  test.each<[string, string, string, number]>([
    ['CERTIFICATE_EXPIRED', text(1), text(3), 4],
    ['CERTIFICATE_NOT_YET_VALID', text(5), text(9), 4],
    ['CERTIFICATE_NOT_YET_VALID', text(5), text(4), 4],
    ['CERTIFICATE_INVALID', 'never', text(9), 4],
    ['CERTIFICATE_INVALID', text(1), 'never', 4],
  ])('%s: from %s to %s', (code, from, to, now) => {
    expect(error(from, to, day(now))).toMatchObject({
      code,
      file: '/etc/tls.crt',
      certificate: { subject: 'CN=x', file: '/etc/tls.crt' },
      message: expect.stringContaining('The certificate CN=x in /etc/tls.crt '),
    })
  })

  test('of two roots that last equally long, the first decides', () => {
    const { decisive } = fresh(
      () => require('../src/lib/material/validity.js') as typeof import('../src/lib/material/validity.js'),
    )
    const root = (name: string) => ({ name, validTo: day(3) }) as never
    const [first, second] = [root('first'), root('second')]
    expect(decisive({ client: [], anchors: [first, second] })[0]).toBe(first)
  })
})

describe('versions and ciphers', () => {
  const outcome = (options: object, sendsCertificate = false) => {
    const { parametersOf } = fresh(
      () => require('../src/lib/material/context.js') as typeof import('../src/lib/material/context.js'),
    )
    try {
      const all = { minVersion: 'TLSv1.2', ...options } as Parameters<typeof parametersOf>[0]
      const { minVersion, maxVersion } = parametersOf(all, sendsCertificate)
      return `${minVersion} ${maxVersion}`
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  const [old, modern] = ['ECDHE-RSA-AES128-GCM-SHA256', 'TLS_AES_128_GCM_SHA256']

  test.each<[object, boolean, string]>([
    [{}, false, 'TLSv1.2 TLSv1.3'],
    [{}, true, 'TLSv1.2 TLSv1.2'],
    [{ minVersion: 'TLSv1.3' }, true, 'TLSv1.3 TLSv1.3'],
    [{ maxVersion: 'TLSv1.3' }, true, 'TLSv1.2 TLSv1.3'],
    [{ maxVersion: 'TLSv1.2' }, false, 'TLSv1.2 TLSv1.2'],
    [{ minVersion: 'TLSv1.3', maxVersion: 'TLSv1.2' }, false, 'VERSIONS_INVALID'],
    [{ ciphers: old }, false, 'TLSv1.2 TLSv1.2'],
    [{ ciphers: modern }, false, 'TLSv1.3 TLSv1.3'],
    [{ ciphers: `${old}:${modern}` }, false, 'TLSv1.2 TLSv1.3'],
    [{ ciphers: old, minVersion: 'TLSv1.3' }, false, 'VERSIONS_INVALID'],
    [{ ciphers: modern, maxVersion: 'TLSv1.2' }, false, 'VERSIONS_INVALID'],
    [{ ciphers: 'HIGH:!aNULL' }, false, 'TLSv1.2 TLSv1.2'],
    [{ ciphers: `:${old}:` }, false, 'TLSv1.2 TLSv1.2'],
    [{ ciphers: '' }, false, 'CIPHERS_INVALID'],
    [{ ciphers: ':' }, false, 'CIPHERS_INVALID'],
    [{ ciphers: 7 }, false, 'CIPHERS_INVALID'],
    [{ ciphers: `${old}:ECDHE-RSA-AES128-GCM-SHA999` }, false, 'CIPHERS_INVALID'],
    [{ ciphers: `${old}:TLS_AES_999` }, false, 'CIPHERS_INVALID'],
    [{ ciphers: `${old}:ECDHE+AESGCM` }, false, 'TLSv1.2 TLSv1.2'],
    [{ ciphers: `${old}:-NO-SUCH-NAME` }, false, 'TLSv1.2 TLSv1.2'],
    [{ ciphers: `${old}:NO-SUCH-NAME+x` }, false, 'TLSv1.2 TLSv1.2'],
    [{ minVersion: 'TLSv1' }, false, 'VERSIONS_INVALID'],
    [{ minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }, false, 'TLSv1 TLSv1.2'],
  ])('%j, with a client certificate: %p', (options, sendsCertificate, expected) => {
    expect(outcome(options, sendsCertificate)).toBe(expected)
  })
})

describe('PKCS #12', () => {
  const value = (tag: number, ...parts: Uint8Array[]) =>
    Buffer.from([
      tag,
      0x82,
      Buffer.concat(parts).length >> 8,
      Buffer.concat(parts).length & 255,
      ...Buffer.concat(parts),
    ])
  const oid = (hex: string) => value(0x06, Buffer.from(hex, 'hex'))
  const data = (bytes: Uint8Array) => value(0x30, oid('2a864886f70d010701'), value(0xa0, value(0x04, bytes)))
  const bag = (type: number, content: Uint8Array, ...attributes: Uint8Array[]) =>
    value(0x30, oid(`2a864886f70d010c0a010${type}`), value(0xa0, content), ...attributes)
  const pem = readFileSync(fixture('ca.pem'), 'utf8')
  const raw = Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64')
  const certificate = (kind = '2a864886f70d01091601') =>
    bag(3, value(0x30, oid(kind), value(0xa0, value(0x04, raw))))
  const secret = bag(5, value(0x30))
  const store = (safes: readonly Uint8Array[], version = 3) =>
    value(0x30, value(0x02, Buffer.from([version])), data(value(0x30, ...safes)))
  const plain = (...bags: Uint8Array[]) => data(value(0x30, ...bags))
  const trusted = (pfx: Buffer, given?: string) => {
    try {
      const profile = verifyServer({ ca: { pfx, ...(given === undefined ? {} : { passphrase: given }) } })
      profile.close()
      return profile.explain().trust?.ca.length
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  test('the certificates of all parts are read, also those that are nested, and nothing else', () => {
    expect(trusted(store([plain(secret, certificate())]))).toBe(1)
    expect(trusted(store([plain(secret), plain(certificate(), certificate())]))).toBe(2)
    expect(trusted(store([plain(bag(6, value(0x30, certificate(), secret)))]))).toBe(1)
    expect(trusted(store([plain(certificate('2a864886f70d01091602'))]))).toBe('STORE_ENTRY_MISSING')
    expect(trusted(store([plain(secret)]))).toBe('STORE_ENTRY_MISSING')
    const forPublicKey = value(0x30, oid('2a864886f70d010703'), value(0xa0, value(0x30)))
    expect(trusted(store([forPublicKey, plain(certificate())]))).toBe(1)
  })

  test('another version, and one that is signed, are refused', () => {
    expect(trusted(store([plain(certificate())], 2))).toBe('STORE_INVALID')
    const signed = store([plain(certificate())])
    signed[signed.indexOf(Buffer.from('2a864886f70d010701', 'hex')) + 8] = 2
    expect(trusted(signed)).toBe('STORE_INVALID')
  })

  test('a certificate anywhere that nothing protects is refused if there is a passphrase', () => {
    expect(trusted(store([plain(secret), plain(secret, certificate())]), passphrase)).toBe('STORE_INVALID')
    expect(trusted(store([plain(secret)]), passphrase)).toBe('STORE_ENTRY_MISSING')
  })

  const key = value(0x30)
  const attribute = (hex: string, ...values: Uint8Array[]) => value(0x30, oid(hex), ...values)
  const named = (bytes: Uint8Array) => attribute('2a864886f70d010914', value(0x31, value(0x1e, bytes)))
  const utf16 = (text: string) => Buffer.from(text, 'utf16le').swap16()
  const aliasesOf = (...attributes: Uint8Array[]) => {
    const pfx = store([plain(certificate(), bag(1, key, value(0x31, ...attributes)), bag(1, key))])
    const steps = readPkcs12(pfx, {
      passphrase: undefined,
      keyPassphrase: undefined,
      alias: undefined,
      wantsKey: true,
    })
    return deriveSync(steps).keys.map(({ alias }) => alias)
  }

  test('the name of a key is a text in UTF-16 among its attributes, or else its number', () => {
    const id = attribute('2a864886f70d010915', value(0x31, value(0x04, Buffer.from('ab'))))
    expect(aliasesOf(named(utf16('Gruß')))).toEqual(['Gruß', '2'])
    expect(aliasesOf(id, named(utf16('me')))).toEqual(['me', '2'])
    expect(aliasesOf(id)).toEqual(['1', '2'])
    expect(aliasesOf(named(Buffer.from('odd')))).toEqual(['1', '2'])
    expect(aliasesOf(named(Buffer.from('odd')), named(utf16('me')))).toEqual(['me', '2'])
    expect(aliasesOf(attribute('2a864886f70d010914'), named(utf16('me')))).toEqual(['me', '2'])
    expect(aliasesOf(attribute('2a864886f70d010914', value(0x31)), named(utf16('me')))).toEqual(['me', '2'])
  })

  test('a MAC of another length than its hash is a wrong passphrase', () => {
    const sha256 = value(0x30, oid('608648016503040201'))
    const mac = (size: number, ...iterations: Uint8Array[]) =>
      value(
        0x30,
        value(0x30, sha256, value(0x04, Buffer.alloc(size))),
        value(0x04, Buffer.alloc(8)),
        ...iterations,
      )
    const withMac = (given: Uint8Array) =>
      value(0x30, value(0x02, Buffer.from([3])), data(value(0x30, plain(certificate()))), given)
    for (const size of [0, 10, 32, 33])
      expect([size, trusted(withMac(mac(size)), passphrase)]).toEqual([size, 'PASSPHRASE_WRONG'])
    expect(trusted(withMac(mac(32)))).toBe('PASSPHRASE_MISSING')
    expect(trusted(withMac(mac(32, value(0x02, Buffer.from([0])))), passphrase)).toBe(
      'ENCRYPTION_UNSUPPORTED',
    )
  })

  test('what is refused in a file is refused with its name', () => {
    const file = fixture('without-mac.p12')
    expect(thrown(() => verifyServer({ ca: { pfx: file, passphrase } }))).toMatchObject({
      code: 'STORE_INVALID',
      file,
    })
  })

  test('encrypted certificates need no MAC', () => {
    const profile = verifyServer({ ca: { pfx: fixture('gcm.p12'), passphrase }, systemRoots: true })
    profile.close()
    expect(profile.explain().trust?.ca.map(({ subject }) => subject)).toContain('CN=plain')
  })

  test('a passphrase of the key is used for the key alone', () => {
    const own = (keyPassphrase: string) =>
      verifyClient({ jks: fixture('rsa.p12'), passphrase, keyPassphrase })
    own(passphrase).close()
    expect(thrown(() => own('other')).code).toBe('PASSPHRASE_WRONG')
    const error = thrown(() =>
      verifyClient({ jks: fixture('rsa.p12'), passphrase: 'other', keyPassphrase: passphrase }),
    )
    expect(error).toMatchObject({ code: 'PASSPHRASE_WRONG', file: fixture('rsa.p12') })
  })

  test('a key is found by the name that the store gives it, and by no other', () => {
    verifyClient({ pfx: fixture('rsa.p12'), passphrase, alias: 'CLIENT' }).close()
    const error = thrown(() => verifyClient({ pfx: fixture('rsa.p12'), passphrase, alias: '1' }))
    expect(error).toMatchObject({ code: 'STORE_ENTRY_MISSING', file: fixture('rsa.p12') })
    expect(error.message).toContain('with the alias 1 ')
    const none = thrown(() => verifyClient({ jks: fixture('truststore.jks'), passphrase }))
    expect(none.message).toContain('There is no private key in')
    verifyClient({ pfx: fixture('ec.p12'), passphrase, alias: '1' }).close()
  })
})

describe('what is wrong with a store is said once', () => {
  const messageOf = (pfx: Buffer) => thrown(() => verifyClient({ pfx, passphrase })).message
  const read = (name: string) => readFileSync(fixture(name))

  test.each<[string, Buffer, RegExp]>([
    ['PKCS #12 cut short', read('rsa.p12').subarray(0, -20), /as PKCS #12 or JKS: cut short\./],
    ['JKS cut short', read('rsa.jks').subarray(0, -20), /as PKCS #12 or JKS: cut short\./],
    [
      'a long sequence cut short',
      Buffer.from(`0\x7f\n${'z\n'.repeat(20)}`),
      /as PKCS #12 or JKS: cut short\./,
    ],
    ['PEM', read('ca.pem'), /as PKCS #12 or JKS: its PEM has nothing but CERTIFICATE\./],
    ['text', Buffer.from('text'), /as PKCS #12 or JKS: it is neither PEM nor the path/],
    ['text of two lines', Buffer.from('a\nb'), /as PKCS #12 or JKS\. /],
    ['JCEKS', read('ed25519.jceks'), /^The store `pfx` is a JCEKS store/],
  ])('%s', (_, bytes, says) => {
    expect(messageOf(bytes)).toMatch(says)
    expect(messageOf(bytes)).toMatch(/^The store `pfx` /)
  })

  test('with the remedy once, and a file only if there is one', () => {
    const pfx = read('without-mac.p12')
    const given = thrown(() => verifyServer({ ca: { pfx, passphrase } }))
    expect(given.file).toBeUndefined()
    expect(given.message).not.toContain('undefined')
    const named = thrown(() => verifyServer({ ca: { pfx: fixture('without-mac.p12'), passphrase } }))
    for (const { message, remedy } of [given, named]) expect(message.split(remedy)).toHaveLength(2)
    expect(named.message).toContain(`out. The store is ${fixture('without-mac.p12')}. `)
  })
})
