import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { plain } from '@x/auth-core/base'
import { registry, SaslAuthProvider } from '../src/index.js'
import { vectorFiles } from './support/vectors.js'

const files = readdirSync(join(__dirname, '../src/mechanisms')).map((file) => file.replace(/\.ts$/, ''))

/** `scram.ts` has SCRAM-SHA-1, -256 and -512. */
const belongsTo = (name: string, file: string) => name.toLowerCase().split('-sha-')[0] === file

test.each(files)('mechanisms/%s.ts has a row and a file of vectors', (file) => {
  expect(registry.filter(({ name }) => belongsTo(name, file))).not.toEqual([])
  expect(vectorFiles()).toContain(file)
})

test.each(['docs/sasl.md', 'packages/auth-sasl/README.md'])('%s names every mechanism', (page) => {
  const text = readFileSync(join(__dirname, '../../..', page), 'utf8')
  expect(registry.filter(({ name }) => !text.includes(name)).map(({ name }) => name)).toEqual([])
})

describe.each(registry)('$name', (row) => {
  const mechanism = row.create({})

  test('comes from a file of its own, or from the core', () => {
    expect(mechanism === plain || files.some((file) => belongsTo(row.name, file))).toBe(true)
  })

  test('says what it is', () => {
    expect(mechanism.name).toBe(row.name)
    expect(mechanism.spec).toMatch(/^(RFC \d+|draft-[a-z0-9-]+)$/)
  })

  test('says that it is weak where it rests on MD5 or SHA-1, and only there', () => {
    const { weakness } = mechanism as { weakness?: string }
    expect(Boolean(weakness)).toBe(/MD5|SHA-1(-PLUS)?$/.test(row.name))
  })

  test('says that it is readable where it sends the secret itself, and only there', () => {
    expect(mechanism.cleartext).toBe(['PLAIN', 'OAUTHBEARER'].includes(row.name))
  })

  test('keeps nothing that two providers share', () => {
    const hasOptions = Object.keys(row.options.options).length > 0
    expect(row.create({}) === mechanism).toBe(!mechanism.mutual && !hasOptions)
  })

  test('refuses an option that it does not have', () => {
    const make = () => new SaslAuthProvider({ mechanism: row.name, usernme: 'alice' } as never)
    expect(make).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })
})

/** Some credentials for each mechanism: those that its row names and this list does not would be a login without them. */
const given = { username: 'alice', password: 'correct horse', token: 'a-token', principal: 'alice' }

describe.each(registry.filter(({ credentials }) => 'authorizationId' in credentials))(
  'the authorizationId of $name',
  ({ create, credentials }) => {
    const own = Object.entries(given).filter(([field]) => field in credentials)
    const parse = (more: object) => create({}).parseCredentials({ ...Object.fromEntries(own), ...more })

    test('may be left out, and is refused where it is empty or no text', () => {
      expect(() => parse({})).not.toThrow()
      expect(() => parse({ authorizationId: undefined })).not.toThrow()
      expect(() => parse({ authorizationId: 'bob' })).not.toThrow()
      for (const authorizationId of ['', null, 5, 'a\0b', '\ud800', [], {}]) {
        expect(() => parse({ authorizationId })).toThrow(
          expect.objectContaining({ code: 'CREDENTIALS_INVALID' }),
        )
      }
    })
  },
)

describe.each(registry.filter(({ options }) => Object.keys(options.options).length > 0))(
  'the options of $name',
  ({ create, options }) => {
    test('are read by its factory, which refuses others', () => {
      expect(() => create({ minIteration: 1 } as never)).toThrow(
        expect.objectContaining({ code: 'OPTION_INVALID' }),
      )
    })

    test('say why they are as they are where nobody gives them', () => {
      const rows = Object.entries<{ why?: string }>(options.options)
      expect(rows.filter(([, { why }]) => !why).map(([name]) => name)).toEqual([])
    })
  },
)

const password = ['username', 'password', 'authorizationId']
test.each<[string, readonly string[], readonly string[]]>([
  ['ANONYMOUS', ['trace'], []],
  ['CRAM-MD5', ['username', 'password'], []],
  ['DIGEST-MD5', password, ['serverVerification']],
  ['EXTERNAL', ['authorizationId'], []],
  ['GSSAPI', ['principal', 'authorizationId', 'keytab', 'ticketCache'], []],
  ['OAUTHBEARER', ['token', 'authorizationId'], []],
  ['PLAIN', password, []],
  ['SCRAM-SHA-1', password, ['serverVerification']],
  ['SCRAM-SHA-256', password, ['serverVerification']],
  ['SCRAM-SHA-512-PLUS', password, ['serverVerification']],
])('%s takes the credentials %j, and %j of a provider', (mechanism, fields, ofProvider) => {
  const { credentials, provider } = registry.find(({ name }) => name === mechanism) ?? {}
  expect(credentials).toEqual(Object.fromEntries(fields.map((field) => [field, true])))
  expect(provider).toEqual(Object.fromEntries(ofProvider.map((option) => [option, true])))
})

test.each([
  ['ANONYMOUS', 'RFC 4505', true, false, false],
  ['CRAM-MD5', 'RFC 2195', false, false, false],
  ['DIGEST-MD5', 'RFC 2831', false, true, false],
  ['EXTERNAL', 'RFC 4422', true, false, false],
  ['GSSAPI', 'RFC 4752', true, true, false],
  ['OAUTHBEARER', 'RFC 7628', true, false, true],
  ['PLAIN', 'RFC 4616', true, false, true],
  ['SCRAM-SHA-1', 'RFC 5802', true, true, false],
  ['SCRAM-SHA-256', 'RFC 7677', true, true, false],
  ['SCRAM-SHA-512', 'draft-melnikov-scram-sha-512', true, true, false],
])('%s is %s; client first: %p, mutual: %p, readable: %p', (name, spec, clientFirst, mutual, cleartext) => {
  const mechanism = registry.find((row) => row.name === name)?.create({})
  expect(mechanism).toMatchObject({ name, spec, clientFirst, mutual, cleartext })
})

test('an option that is left out is shown as what happens then', () => {
  const shown = (mechanism: string) =>
    Object.fromEntries(
      Object.entries<{ shown?: string }>(
        registry.find(({ name }) => name === mechanism)?.options.options ?? {},
      ).map(([name, option]) => [name, option.shown]),
    )
  expect(shown('OAUTHBEARER')).toEqual({ host: 'not sent', port: 'not sent', extensions: 'none' })
  expect(shown('DIGEST-MD5')).toMatchObject({ realm: 'the one that the server offers' })
})
