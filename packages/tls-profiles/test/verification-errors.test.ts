/** Every reason for which OpenSSL refuses a chain: in a table, and in handshakes with such chains. */
import { readFileSync } from 'node:fs'
import { BasicConstraintsExtension, Extension, KeyUsageFlags, KeyUsagesExtension } from '@peculiar/x509'
import { explainTlsError, type TlsErrorCode, type TlsProfile, verifyServer } from '../src/index.js'
import { verificationCodes } from '../src/lib/tls-failures.js'
import { type Authority, createAuthority, type Issued, type IssueOptions } from './support/certificates.js'
import { connectClient } from './support/driver.js'
import { closeAll, tlsServer } from './support/servers.js'

const dayMs = 86_400_000
let ca: Authority
const made: TlsProfile[] = []
beforeAll(async () => {
  ca = await createAuthority()
})
afterEach(async () => {
  for (const profile of made.splice(0)) profile.close()
  await closeAll()
})

/** From the documentation of Node.js, "X509 certificate error codes", with the text of OpenSSL. */
const named: readonly [string, string, TlsErrorCode][] = [
  ['UNABLE_TO_GET_ISSUER_CERT', 'unable to get issuer certificate', 'UNKNOWN_CA'],
  ['UNABLE_TO_GET_CRL', 'unable to get certificate CRL', 'CRL_UNUSABLE'],
  ['UNABLE_TO_DECRYPT_CERT_SIGNATURE', "unable to decrypt certificate's signature", 'UNKNOWN_CA'],
  ['UNABLE_TO_DECRYPT_CRL_SIGNATURE', "unable to decrypt CRL's signature", 'CRL_UNUSABLE'],
  ['UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY', 'unable to decode issuer public key', 'SERVER_CERTIFICATE_UNFIT'],
  ['CERT_SIGNATURE_FAILURE', 'certificate signature failure', 'UNKNOWN_CA'],
  ['CRL_SIGNATURE_FAILURE', 'CRL signature failure', 'CRL_UNUSABLE'],
  ['CERT_NOT_YET_VALID', 'certificate is not yet valid', 'SERVER_CERTIFICATE_NOT_YET_VALID'],
  ['CERT_HAS_EXPIRED', 'certificate has expired', 'SERVER_CERTIFICATE_EXPIRED'],
  ['CRL_NOT_YET_VALID', 'CRL is not yet valid', 'CRL_UNUSABLE'],
  ['CRL_HAS_EXPIRED', 'CRL has expired', 'CRL_UNUSABLE'],
  [
    'ERROR_IN_CERT_NOT_BEFORE_FIELD',
    "format error in certificate's notBefore field",
    'SERVER_CERTIFICATE_UNFIT',
  ],
  [
    'ERROR_IN_CERT_NOT_AFTER_FIELD',
    "format error in certificate's notAfter field",
    'SERVER_CERTIFICATE_UNFIT',
  ],
  ['ERROR_IN_CRL_LAST_UPDATE_FIELD', "format error in CRL's lastUpdate field", 'CRL_UNUSABLE'],
  ['ERROR_IN_CRL_NEXT_UPDATE_FIELD', "format error in CRL's nextUpdate field", 'CRL_UNUSABLE'],
  ['OUT_OF_MEM', 'out of memory', 'HANDSHAKE_FAILED'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate', 'SELF_SIGNED'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain', 'UNKNOWN_CA'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unable to get local issuer certificate', 'UNKNOWN_CA'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate', 'UNKNOWN_CA'],
  ['CERT_CHAIN_TOO_LONG', 'certificate chain too long', 'SERVER_CERTIFICATE_UNFIT'],
  ['CERT_REVOKED', 'certificate revoked', 'SERVER_CERTIFICATE_REVOKED'],
  ['INVALID_CA', 'invalid CA certificate', 'SERVER_CERTIFICATE_UNFIT'],
  ['PATH_LENGTH_EXCEEDED', 'path length constraint exceeded', 'SERVER_CERTIFICATE_UNFIT'],
  ['INVALID_PURPOSE', 'unsupported certificate purpose', 'SERVER_CERTIFICATE_UNFIT'],
  ['CERT_UNTRUSTED', 'certificate not trusted', 'UNKNOWN_CA'],
  ['CERT_REJECTED', 'certificate rejected', 'UNKNOWN_CA'],
  ['HOSTNAME_MISMATCH', 'hostname mismatch', 'NAME_MISMATCH'],
]

/** Reasons that Node.js calls UNSPECIFIED. */
const unnamed: readonly [string, TlsErrorCode][] = [
  ['permitted subtree violation', 'SERVER_CERTIFICATE_UNFIT'],
  ['excluded subtree violation', 'SERVER_CERTIFICATE_UNFIT'],
  ['unsupported name constraint type', 'SERVER_CERTIFICATE_UNFIT'],
  ['unhandled critical extension', 'SERVER_CERTIFICATE_UNFIT'],
  ['invalid or inconsistent certificate extension', 'SERVER_CERTIFICATE_UNFIT'],
  ['EE certificate key too weak', 'SERVER_CERTIFICATE_UNFIT'],
  ['CA certificate key too weak', 'SERVER_CERTIFICATE_UNFIT'],
  ['CA signature digest algorithm too weak', 'SERVER_CERTIFICATE_UNFIT'],
  ['no explicit policy', 'SERVER_CERTIFICATE_UNFIT'],
  ['path loop', 'SERVER_CERTIFICATE_UNFIT'],
  ['Certificate public key has explicit ECC parameters', 'SERVER_CERTIFICATE_UNFIT'],
  ['proxy certificates not allowed, please set the appropriate flag', 'SERVER_CERTIFICATE_UNFIT'],
  ['unable to get CRL issuer certificate', 'CRL_UNUSABLE'],
  ['key usage does not include CRL signing', 'CRL_UNUSABLE'],
  ['unhandled critical CRL extension', 'CRL_UNUSABLE'],
  ['different CRL scope', 'CRL_UNUSABLE'],
  ['CRL path validation error', 'CRL_UNUSABLE'],
  ['IP address mismatch', 'NAME_MISMATCH'],
  ['subject issuer mismatch', 'UNKNOWN_CA'],
  ['authority and subject key identifier mismatch', 'UNKNOWN_CA'],
  ['a reason that a later OpenSSL has', 'SERVER_CERTIFICATE_UNFIT'],
]

const failing = (code: string, message: string) => Object.assign(new Error(message), { code })

test.each(named)('%s: %s', (code, message, expected) => {
  const found = explainTlsError(failing(code, message))
  expect([found?.code, found?.remedy !== '']).toEqual([expected, true])
})

test.each(unnamed)('UNSPECIFIED: %s', (message, expected) => {
  const found = explainTlsError(failing('UNSPECIFIED', message))
  expect(found?.code).toBe(expected)
  if (['SERVER_CERTIFICATE_UNFIT', 'CRL_UNUSABLE'].includes(expected))
    expect(found?.summary).toContain(message)
})

test('the table of the package has these names and no other, and this Node.js has them all', () => {
  expect(Object.keys(verificationCodes).sort()).toEqual(named.map(([code]) => code).sort())
  const node = readFileSync(process.execPath)
  expect(named.filter(([code]) => !node.includes(code))).toEqual([])
})

test('a text of a server never counts as a reason of OpenSSL', () => {
  const words = [
    'TOO_SMALL',
    'ALERT_CERTIFICATE_REQUIRED',
    'permitted subtree violation',
    'WRONG_VERSION_NUMBER',
  ]
  for (const word of words) {
    for (const code of [undefined, 256, 'REFUSED', 'NO_TOO_SMALL']) {
      expect(explainTlsError(Object.assign(new Error(`ERR_SSL_${word} ${word}`), { code }))).toBeUndefined()
    }
  }
})

test('EPROTO is recognized by the reason of OpenSSL inside, and shown on one line', () => {
  const message = (reason: string) =>
    `write EPROTO 40A7:error:0A00010B:SSL routines:ssl3_get_record:${reason}:ssl/record/ssl3_record.c:354:\n`
  const code = (reason: string) => explainTlsError(failing('EPROTO', message(reason)))
  expect(code('wrong version number')?.code).toBe('SERVER_SPEAKS_PLAIN_TEXT')
  expect(code('tlsv1 alert protocol version')?.code).toBe('NO_COMMON_VERSION')
  const other = code('bad signature')
  expect(other?.code).toBe('HANDSHAKE_FAILED')
  expect(other?.summary).toContain('bad signature')
  expect(other?.summary).not.toMatch(/[\n?]/)
})

describe('in handshakes', () => {
  /** The error of the stock driver at a server with this chain. */
  async function failure(own: Issued, options: object = {}, ...sent: Authority[]) {
    const { port } = await tlsServer({ cert: own.cert + sent.map(({ cert }) => cert).join(''), key: own.key })
    const profile = verifyServer({ ca: ca.cert, ...options })
    made.push(profile)
    const { error } = await connectClient(port, profile)
    const found = explainTlsError(error, profile)
    return {
      code: found?.code,
      cause: (found?.cause as NodeJS.ErrnoException | undefined)?.code,
      says: found?.cause.message,
    }
  }

  const under = (authority: IssueOptions['authority'] & object, extensions: Extension[] = []) =>
    ca.intermediate('Intermediate', { authority, extensions })
  const keyCertSign = new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)
  const constraint = (name: string) => {
    const bytes = Buffer.from(name)
    const [a, b] = [bytes.length + 4, bytes.length + 2].map((length) => [length])
    const der = [
      0x30,
      ...[bytes.length + 6],
      0xa0,
      ...(a ?? []),
      0x30,
      ...(b ?? []),
      0x82,
      bytes.length,
      ...bytes,
    ]
    return new Extension('2.5.29.30', true, Buffer.from(der))
  }

  test('name constraints: the remedy mentions them', () => {
    const found = explainTlsError(failing('UNSPECIFIED', 'permitted subtree violation'))
    expect(found?.remedy).toContain('name constraints')
  })

  test('name constraints: the address is not a permitted name', async () => {
    const constrained = await ca.intermediate('Constrained', {
      extensions: [constraint('permitted.example')],
    })
    const own = await constrained.issue({ names: ['127.0.0.1', 'db.other.example'] })
    expect(await failure(own, {}, constrained)).toEqual({
      code: 'SERVER_CERTIFICATE_UNFIT',
      cause: 'UNSPECIFIED',
      says: 'permitted subtree violation',
    })
  })

  test('an unknown critical extension', async () => {
    const own = await ca.issue({
      extensions: [new Extension('1.3.6.1.4.1.99999.1', true, Buffer.from([5, 0]))],
    })
    expect(await failure(own)).toEqual({
      code: 'SERVER_CERTIFICATE_UNFIT',
      cause: 'UNSPECIFIED',
      says: 'unhandled critical extension',
    })
  })

  test('a CA that is not a CA', async () => {
    const none = await under([new BasicConstraintsExtension(false, undefined, true), keyCertSign])
    expect(await failure(await none.issue(), {}, none)).toMatchObject({
      code: 'SERVER_CERTIFICATE_UNFIT',
      cause: expect.stringMatching(/^INVALID_(CA|PURPOSE)$/), // depends on the version of OpenSSL
    })
  })

  test('more CAs than the path may have', async () => {
    const last = await under([new BasicConstraintsExtension(true, 0, true), keyCertSign])
    const below = await last.intermediate('Below')
    expect(await failure(await below.issue(), {}, below, last)).toMatchObject({
      code: 'SERVER_CERTIFICATE_UNFIT',
      cause: 'PATH_LENGTH_EXCEEDED',
    })
  })

  test('meant for clients', async () => {
    expect(await failure(await ca.issue({ usage: 'client' }))).toMatchObject({
      code: 'SERVER_CERTIFICATE_UNFIT',
      cause: 'INVALID_PURPOSE',
    })
  })

  test.each([
    ['has expired', -2, -1, 'CRL_HAS_EXPIRED'],
    ['is not valid yet', 1, 2, 'CRL_NOT_YET_VALID'],
  ])('a revocation list that %s', async (_, from, to, cause) => {
    const at = (days: number) => new Date(Date.now() + days * dayMs)
    const crl = await ca.crl(at(from), at(to))
    expect(await failure(await ca.issue(), { crl })).toMatchObject({ code: 'CRL_UNUSABLE', cause })
  })

  test('a revocation list of a CA of the same name', async () => {
    const crl = await (await createAuthority()).revoke()
    expect(await failure(await ca.issue(), { crl })).toMatchObject({ code: 'CRL_UNUSABLE' })
  })
})
