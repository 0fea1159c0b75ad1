/** For any bytes, a reader returns their content or throws a typed error, and uses no more memory than they have. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Arbitrary,
  array,
  assert as check,
  constantFrom,
  integer,
  letrec,
  oneof,
  property,
  record,
  string,
  uint8Array,
} from 'fast-check'
import { alternativeNames } from '../src/certificate.js'
import { astra, isTlsError, type TlsProfile, verifyClient, verifyServer } from '../src/index.js'
import { childrenOf, readBer, tags } from '../src/lib/material/ber.js'
import { deriveSync } from '../src/lib/material/derive.js'
import { FormatError } from '../src/lib/material/format-error.js'
import { readJks } from '../src/lib/material/jks.js'
import { pemBlocks } from '../src/lib/material/pem-blocks.js'
import { openZip } from '../src/lib/material/zip.js'
import { fileWith, removeFolders } from './support/folder.js'
import { zipOf } from './support/zip.js'

const fixtures = join(__dirname, 'fixtures')
const passphrase = 'changeit'
afterAll(removeFolders)

/** Small changes of real files: they get further into a reader than random bytes do. */
interface Change {
  readonly kind: 'flip' | 'cut' | 'insert' | 'repeat' | 'swap'
  readonly at: number
  readonly size: number
  readonly bytes: Uint8Array
}
const changes: Arbitrary<readonly Change[]> = array(
  record({
    kind: constantFrom('flip', 'cut', 'insert', 'repeat', 'swap'),
    at: integer({ min: 0, max: 1 << 16 }),
    size: integer({ min: 1, max: 40 }),
    bytes: uint8Array({ minLength: 1, maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 4 },
)

function changed(original: Buffer, list: readonly Change[]): Buffer {
  return list.reduce((bytes, { kind, at: place, size, bytes: more }) => {
    const at = bytes.length === 0 ? 0 : place % bytes.length
    const [before, piece, after] = [
      bytes.subarray(0, at),
      bytes.subarray(at, at + size),
      bytes.subarray(at + size),
    ]
    if (kind === 'cut') return Buffer.concat([before, after])
    if (kind === 'insert') return Buffer.concat([before, more, bytes.subarray(at)])
    if (kind === 'repeat') return Buffer.concat([before, piece, piece, after])
    if (kind === 'swap') return Buffer.concat([after, piece, before])
    return Buffer.concat([before, more, bytes.subarray(at + more.length)])
  }, original)
}

/** A block in the form that is passed on: each line on its own, without blanks around it. */
function bare(block: string): string {
  const lines = block.replaceAll('\r\n', '\n').replaceAll('\r', '\n').split('\n')
  return lines.map((line) => line.replace(/^[ \t]*/, '').replace(/[ \t]*$/, '')).join('\n')
}

/** The result of an action, or undefined if it threw a TlsError. Anything else fails the property. */
function tried<T extends TlsProfile | object>(action: () => T): T | undefined {
  try {
    const made = action()
    if ('close' in made) (made as TlsProfile).close()
    return made
  } catch (error) {
    if (!isTlsError(error)) throw error
    expect(error.remedy).toBeTruthy()
    return undefined
  }
}

describe('files that were changed', () => {
  const files = readdirSync(fixtures)
    // Another test has sixty thousand iterations, and a changed number could mean millions.
    .filter((name) => /\.(p12|jks|jceks|pem|key)$/.test(name) && name !== 'slow.p12')
    .map((name) => readFileSync(join(fixtures, name)))

  test('make a profile or a TlsError', () => {
    const certificate = readFileSync(join(fixtures, 'plain.pem'))
    check(
      property(constantFrom(...files), changes, (original, list) => {
        const bytes = changed(original, list)
        tried(() => verifyClient({ pfx: bytes, passphrase }))
        tried(() => verifyClient({ cert: certificate, key: bytes, passphrase }))
        tried(() => verifyServer({ ca: [bytes, { jks: bytes }] }))
        tried(() => verifyServer({ ca: { pfx: bytes, passphrase }, crl: bytes }))
      }),
      { numRuns: 150 },
    )
  })

  test('so do bundles', () => {
    const pem = readFileSync(join(fixtures, 'plain.pem'), 'utf8')
    const original = zipOf({ 'ca.crt': pem, cert: pem, key: pem, 'config.json': '{"host":"h","port":1}' })
    check(
      property(changes, (list) => {
        tried(() => astra({ bundle: fileWith(changed(original, list), 'b.zip') }))
      }),
      { numRuns: 200 },
    )
  })

  test('any bytes', () => {
    check(
      property(
        uint8Array({ maxLength: 300 }),
        constantFrom('', '3082', '3080', 'feedfeed', '504b0506'),
        (bytes, mark) => {
          const all = Buffer.concat([Buffer.from(mark, 'hex'), bytes])
          tried(() => verifyClient({ pfx: all, passphrase }))
          tried(() => verifyServer({ ca: all }))
          expect(() => openZip(all)).toThrow(Error)
        },
      ),
    )
  })
})

describe('BER', () => {
  interface Tree {
    readonly tag: number
    readonly indefinite: boolean
    readonly content: Uint8Array | readonly Tree[]
  }
  const { tree } = letrec<{ tree: Tree }>((tie) => ({
    tree: oneof(
      { depthSize: 'small', withCrossShrink: true },
      record({
        tag: constantFrom(tags.integer, tags.octetString, 0x0c, 0x80),
        indefinite: constantFrom(false),
        content: uint8Array({ maxLength: 200 }),
      }),
      record({
        tag: constantFrom(tags.sequence, tags.set, 0xa0, 0x24),
        indefinite: constantFrom(false, true),
        content: array(tie('tree'), { maxLength: 4 }),
      }),
    ),
  }))

  function encoded({ tag, indefinite, content }: Tree): Buffer {
    const body = content instanceof Uint8Array ? Buffer.from(content) : Buffer.concat(content.map(encoded))
    if (indefinite) return Buffer.concat([Buffer.from([tag, 0x80]), body, Buffer.alloc(2)])
    const length =
      body.length < 0x80
        ? [body.length]
        : [0x83, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff]
    return Buffer.concat([Buffer.from([tag, ...length]), body])
  }

  function compare(expected: Tree, bytes: Buffer): void {
    const value = readBer(bytes)
    expect(value.tag).toBe(expected.tag)
    expect(value.whole.length).toBe(bytes.length)
    if (expected.content instanceof Uint8Array) expect(value.contents.equals(expected.content)).toBe(true)
    else
      for (const [index, child] of childrenOf(value).entries()) {
        compare((expected.content as Tree[])[index] as Tree, child.whole)
      }
  }

  test('what is written is read, with lengths that are said and that are not', () => {
    check(property(tree, (each) => compare(each, encoded(each))))
  })

  test('a value that is nested without end is an error, not an overflow', () => {
    for (const opening of ['3080', '30823fff', 'a080', '2480']) {
      const bytes = Buffer.from(opening.repeat(100_000), 'hex')
      expect(() => {
        for (let value = readBer(bytes); ; ) value = childrenOf(value)[0] as typeof value
      }).toThrow(FormatError)
    }
  })

  test('lengths beyond the end are errors', () => {
    for (const hex of [
      '3084ffffffff',
      '30847fffffff',
      '0485ffffffffff',
      '0487ffffffffffffff',
      '30',
      '3082',
      '3f',
      '1fffffff',
    ]) {
      expect(() => readBer(Buffer.from(hex, 'hex'))).toThrow(FormatError)
    }
  })
})

describe('PEM', () => {
  const label = constantFrom('CERTIFICATE', 'PRIVATE KEY', 'X509 CRL')
  const prose = string({ maxLength: 40 }).map((text) => text.replaceAll('-', ' '))
  const block = record({
    label,
    body: string({ maxLength: 80 }).map((text) => text.replaceAll('-', '+')),
    prose,
  })

  test('each block is found, and the text around them is not', () => {
    check(
      property(array(block), prose, (blocks, end) => {
        const written = blocks.map(
          ({ label, body }) => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----`,
        )
        const text = `${blocks.map(({ prose }, index) => `${prose}\n${written[index]}\n`).join('')}${end}`
        const bytes = Buffer.from(text)
        const found = pemBlocks(bytes)
        expect(found.map(({ label }) => label)).toEqual(blocks.map(({ label }) => label))
        const lines = (text: string) => text.split('\n').filter((line) => line !== '')
        const texts = found.map(({ text }) => lines(Buffer.from(text, 'latin1').toString()))
        expect(texts).toEqual(written.map((each) => lines(bare(each))))
      }),
    )
  })

  test('boundaries in any order give no more blocks than there are', () => {
    const piece = constantFrom(
      '-----BEGIN A-----',
      '-----END A-----',
      '-----BEGIN B-----',
      '-----END B-----',
      '-----',
      'x',
      '\n',
    )
    check(
      property(array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('')
        const blocks = pemBlocks(Buffer.from(text))
        expect(blocks.reduce((sum, each) => sum + each.text.length, 0)).toBeLessThanOrEqual(text.length)
        for (const each of blocks) {
          expect(each.text.startsWith(`-----BEGIN ${each.label}-----`)).toBe(true)
          expect(each.text.endsWith(`-----END ${each.label}-----`)).toBe(true)
        }
      }),
    )
  })
})

describe('JKS', () => {
  const request = { passphrase: undefined, keyPassphrase: undefined, alias: undefined, wantsKey: false }
  const number = (value: number) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return bytes
  }
  const text = (value: string) => {
    const bytes = Buffer.from(value)
    return Buffer.concat([number(bytes.length).subarray(2), bytes])
  }
  const sized = (bytes: Uint8Array) => Buffer.concat([number(bytes.length), bytes])
  const entry = record({
    alias: string({ maxLength: 20 }),
    key: oneof(constantFrom(undefined), uint8Array({ maxLength: 50 })),
    chain: array(uint8Array({ maxLength: 50 }), { minLength: 1, maxLength: 3 }),
    version: constantFrom(1, 2),
  })

  test('what is written is read, in both versions', () => {
    check(
      property(array(entry, { maxLength: 5 }), constantFrom(1, 2), (entries, version) => {
        const certificate = (der: Uint8Array) =>
          Buffer.concat([version === 2 ? text('X.509') : Buffer.alloc(0), sized(der)])
        const written = entries.map(({ alias, key, chain }) =>
          key
            ? [
                number(1),
                text(alias),
                Buffer.alloc(8),
                sized(key),
                number(chain.length),
                ...chain.map(certificate),
              ]
            : [number(2), text(alias), Buffer.alloc(8), certificate(chain[0] as Uint8Array)],
        )
        const head = [number(0xfeedfeed), number(version), number(entries.length)]
        const store = Buffer.concat([...head, ...written.flat(), Buffer.alloc(20)])
        const { keys, certificates } = deriveSync(readJks(store, request))
        expect(keys.map(({ alias }) => alias)).toEqual(
          entries.filter(({ key }) => key).map(({ alias }) => alias),
        )
        const expected = entries.flatMap(({ key, chain }) => (key ? chain : chain.slice(0, 1)))
        expect(certificates.map(({ der }) => [...der])).toEqual(expected.map((der) => [...der]))
      }),
    )
  })

  test('four billion entries, and an entry of four gigabytes, are errors at once', () => {
    for (const rest of [
      [number(0xffffffff)],
      [number(1), number(1), text('a'), Buffer.alloc(8), number(0xffffffff)],
    ]) {
      const store = Buffer.concat([number(0xfeedfeed), number(2), ...rest])
      expect(() => deriveSync(readJks(store, request))).toThrow(FormatError)
    }
  })
})

describe('zip', () => {
  test('what is written is read', () => {
    const files = array(
      record({ name: string({ minLength: 1, maxLength: 9 }), contents: string({ maxLength: 200 }) }),
      {
        maxLength: 9,
      },
    )
    check(
      property(files, (list) => {
        const ascii = list.map(
          ({ name, contents }, index) => [`${index}${name.replace(/[^a-z]/g, '')}`, contents] as const,
        )
        const zip = openZip(zipOf(Object.fromEntries(ascii)))
        for (const [name, contents] of ascii)
          expect(zip.read(name)?.toString()).toBe(Buffer.from(contents).toString())
        expect(zip.read('nothing')).toBeUndefined()
      }),
    )
  })
})

test('alternative names that Node.js cannot print are none', () => {
  // x509/custom/invalid-sct-version.der and others of cryptography-vectors: it gives null, whatever its types say.
  expect(alternativeNames(null)).toEqual([])
})
