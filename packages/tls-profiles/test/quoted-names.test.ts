import { X509Certificate } from 'node:crypto'
import { inspect } from 'node:util'
import { summarize } from '../src/certificate.js'
import { TlsError } from '../src/errors.js'
import { explainTlsError } from '../src/explain-tls-error.js'
import { nameCheck } from '../src/lib/identity/names.js'
import { createAuthority, type IssueOptions } from './support/certificates.js'

/** ESC with a colour, line ends, a bidirectional override. */
const raw = 'a\u001b[31m\r\nb'
const harmful = /[\p{Cc}\p{Cf}\u2028\u2029]/u

const cases: [string, IssueOptions][] = [
  ['with control characters', { commonName: `${raw}\u202e`, names: [raw] }],
  ['only in its subject', { commonName: raw, names: [] }],
  ['long ones', { commonName: raw, names: ['x'.repeat(50_000)] }],
  ['many', { names: Array.from({ length: 500 }, (_, index) => `${index}.example`) }],
]

test.each(cases)('names of a certificate are safe to print: %s', async (_, options) => {
  const issued = await (await createAuthority()).issue(options)
  const x509 = new X509Certificate(issued.cert)
  const error = nameCheck({ mode: 'address' })('10.0.0.1', x509.toLegacyObject() as never) as TlsError
  expect(error.code).toBe('NAME_MISMATCH')
  const { subject, issuer, names, name } = summarize(x509)
  for (const text of [error.message, subject, issuer, name, ...names, explainTlsError(error)?.summary]) {
    expect(text).not.toMatch(harmful)
    expect(text?.length).toBeLessThan(10_000)
  }
  expect(names.length).toBeLessThan(300)
  expect(JSON.stringify(error).length).toBeLessThan(20_000)
})

test("inspect shows Node's own error, which has such names in its text, by class and code", () => {
  const cause = Object.assign(new Error(`altnames: ${raw}`), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  const shown = inspect(new TlsError('NAME_MISMATCH', undefined, { cause }))
  expect(shown).toContain('ERR_TLS_CERT_ALTNAME_INVALID')
  expect(shown).not.toContain('\u001b[31m\r')
  const inner = new TlsError('PIN_MISMATCH', 'Inner.')
  expect(inspect(new TlsError('NAME_MISMATCH', undefined, { cause: inner }))).toContain('Inner.')
})
