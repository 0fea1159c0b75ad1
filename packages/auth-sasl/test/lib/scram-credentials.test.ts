import { ScramCredentialParser } from '../../src/lib/scram/scram-credentials.js'
import { errorOf } from '../support/conversation.js'

const fields = { username: 'user', password: 'pencil' }

test('credentials are prepared for the messages', () => {
  const parsed = new ScramCredentialParser().parse({
    username: 'zo\u00adë,',
    password: 'pen\u00adcil',
    authorizationId: 'a=b',
  })
  expect(parsed).toMatchObject({
    username: 'zoë,',
    nameAttribute: 'n=zoë=2C',
    gs2Header: 'n,a=a=3Db,',
    bindingAttribute: `c=${Buffer.from('n,a=a=3Db,').toString('base64')}`,
    expiresAt: Number.POSITIVE_INFINITY,
  })
  expect(parsed.password.use((text) => text)).toBe('pencil')
})

test('an object that has not changed is not prepared again', () => {
  const parser = new ScramCredentialParser()
  const value = { ...fields, authorizationId: 'boss', expiresAt: new Date(1_000) }
  const parsed = parser.parse(value)
  expect(parser.parse(value)).toBe(parsed)
  value.expiresAt = new Date(1_000)
  expect(parser.parse(value)).toBe(parsed)
})

test.each([
  ['username', { nameAttribute: 'n=new' }],
  ['authorizationId', { gs2Header: 'n,a=new,' }],
] as const)('an object whose %s has changed is prepared again', (name, changed) => {
  const parser = new ScramCredentialParser()
  const value = { ...fields, authorizationId: 'boss' }
  parser.parse(value)
  value[name] = 'new'
  expect(parser.parse(value)).toMatchObject(changed)
})

test('an object whose password has changed is prepared again', () => {
  const parser = new ScramCredentialParser()
  const value = { ...fields }
  const { fingerprint } = parser.parse(value)
  value.password = 'new'
  const parsed = parser.parse(value)
  expect(parsed.password.use((text) => text)).toBe('new')
  expect(parsed.fingerprint).not.toBe(fingerprint)
})

test('an object that was renewed has the new end and the same keys', () => {
  const parser = new ScramCredentialParser()
  const value: { expiresAt?: Date; username: string; password: string } = {
    ...fields,
    expiresAt: new Date(1),
  }
  const before = parser.parse(value)
  expect(before.expiresAt).toBe(1)
  value.expiresAt = new Date(2)
  expect(parser.parse(value)).toEqual({ ...before, expiresAt: 2 })
  delete value.expiresAt
  expect(parser.parse(value)).toEqual({ ...before, expiresAt: Number.POSITIVE_INFINITY })
})

test('the fingerprint stands for the password, within one mechanism', () => {
  const parser = new ScramCredentialParser()
  const { fingerprint } = parser.parse({ ...fields })
  expect(parser.parse({ ...fields, username: 'other' }).fingerprint).toBe(fingerprint)
  expect(parser.parse({ ...fields, password: 'other' }).fingerprint).not.toBe(fingerprint)
  expect(new ScramCredentialParser().parse({ ...fields }).fingerprint).not.toBe(fingerprint)
})

/** RFC 5802 §5.1 and RFC 4013 §2.5: unassigned code points are allowed in a query, and not in what is stored. */
test('an unassigned character may be in the user name, but not in the password', async () => {
  const parser = new ScramCredentialParser()
  expect(parser.parse({ ...fields, username: '\u{1f600}' }).username).toBe('\u{1f600}')
  const { code, message } = await errorOf(() => parser.parse({ ...fields, password: '\u{1f600}' }))
  expect([code, message]).toEqual(['SASLPREP_PROHIBITED', expect.stringMatching(/\bpassword\b/)])
})

test.each(['username', 'password'])('the error names the %s', async (name) => {
  const { code, message } = await errorOf(() =>
    new ScramCredentialParser().parse({ ...fields, [name]: 'a\u0007é' }),
  )
  expect([code, message]).toEqual(['SASLPREP_PROHIBITED', expect.stringContaining(`The ${name} `)])
})
