import { AuthError, authError } from '../../src/errors.js'
import { adviceOn, chooser, explained } from '../../src/lib/login/fitting.js'
import { mechanismOf } from '../support/harness.js'

const password = 'org.apache.cassandra.auth.PasswordAuthenticator'
const dse = 'com.datastax.bdp.cassandra.auth.DseAuthenticator'
const unknown = 'org.example.Authenticator'

const choiceOf = (name: string, cleartext: boolean, credentials: object = { of: name }) => ({
  mechanism: mechanismOf(async function* () {}, { name, cleartext, sasl: true }),
  credentials,
})
const plain = choiceOf('PLAIN', true)
const scram = choiceOf('SCRAM-SHA-256', false)
const readable = choiceOf('X-READABLE', true)
const rules = { allowDowngradeToCleartext: false }
const namesOf = (choices: ReturnType<ReturnType<typeof chooser>>) =>
  choices.map(({ mechanism }) => mechanism.name)

describe('what a class name leaves of a list', () => {
  test.each([
    ['what comes first may be readable, whatever stands behind it', [plain, scram], ['PLAIN']],
    ['what stands behind an excluded one may not', [plain, scram, readable], ['PLAIN']],
    ['nothing was excluded', [plain, readable], ['PLAIN', 'X-READABLE']],
  ])('%s', (_, choices, expected) => {
    expect(namesOf(chooser(choices, rules)(password))).toEqual(expected)
  })

  test('only a readable one is left behind one that is not: refused, and the error names both', () => {
    const choose = chooser([scram, plain], rules)
    expect(() => choose(password)).toThrow(expect.objectContaining({ code: 'DOWNGRADE_REFUSED' }))
    expect(() => choose(password)).toThrow(/excludes SCRAM-SHA-256 and leaves PLAIN,/)
    expect(namesOf(chooser([scram, plain], { allowDowngradeToCleartext: true })(password))).toEqual(['PLAIN'])
  })

  test('several that were excluded or are left are all named', () => {
    const choose = chooser([scram, choiceOf('GSSAPI', false), plain, readable], rules)
    expect(() => choose(password)).toThrow(/excludes SCRAM-SHA-256, GSSAPI and leaves PLAIN, X-READABLE,/)
  })

  test('each authenticator gets its own answer, though they alternate', () => {
    const choose = chooser([plain, scram], rules)
    expect(namesOf(choose(unknown))).toEqual(['PLAIN', 'SCRAM-SHA-256'])
    expect(namesOf(choose(password))).toEqual(['PLAIN'])
    expect(choose(dse).map(({ credentials }) => credentials)).toEqual([plain.credentials, scram.credentials])
    expect(namesOf(choose(password))).toEqual(['PLAIN'])
  })

  test('nothing fits: the error names what there is, and what to use; a class that is listed is believed', () => {
    const choices = [scram, choiceOf('OAUTHBEARER', false)]
    const choose = chooser(choices, rules)
    expect(() => choose(password)).toThrow(expect.objectContaining({ code: 'AUTHENTICATOR_MISMATCH' }))
    expect(() => choose(password)).toThrow(/does not take SCRAM-SHA-256 or OAUTHBEARER\. This is the auth/)
    expect(chooser(choices, { ...rules, authenticators: [password] })(password)).toBe(choices)
  })

  test('what is no SASL mechanism may be behind any class name', () => {
    const service = { ...scram, mechanism: { ...scram.mechanism, sasl: false } as never }
    expect(chooser([service], rules)(password)).toHaveLength(1)
  })
})

describe('the option authenticators', () => {
  test('a class that is not in it is refused before any choice', () => {
    const choose = chooser([plain], { ...rules, authenticators: [password] })
    expect(namesOf(choose(password))).toEqual(['PLAIN'])
    expect(() => choose(unknown)).toThrow(expect.objectContaining({ code: 'AUTHENTICATOR_NOT_ALLOWED' }))
    expect(() => choose(unknown)).toThrow(/option authenticators\. If/)
    expect(() => choose(dse)).toThrow(/authenticators\. This is the authenticator of /)
  })
})

describe('a mechanism that a function selects', () => {
  test('has the credentials of its name, else those of the first, else none', () => {
    const select = () => ({ ...scram.mechanism, mutual: true })
    const [selected] = chooser([plain, scram], { ...rules, select: select as never })(unknown)
    expect(selected).toMatchObject({ mechanism: { mutual: true }, credentials: { of: 'SCRAM-SHA-256' } })
    const of = (choices: (typeof plain)[]) => chooser(choices, { ...rules, select: select as never })(unknown)
    expect(of([plain])[0]?.credentials).toEqual({ of: 'PLAIN' })
    expect(of([])[0]?.credentials).toEqual({})
  })
})

describe('advice', () => {
  test('there is none on a stranger', () => {
    expect(adviceOn(unknown)).toBe('')
    expect(adviceOn(password)).toMatch(
      /^This is the authenticator of Apache Cassandra\b.*: use PlainTextAuthProvider/,
    )
  })

  const failed = (code: string, from?: string) =>
    new AuthError(code, { fault: 'peer', summary: 'Short.', remedy: 'Do it.' }, 'It failed.', {
      authenticator: from,
      cause: code,
    })

  test.each(['SERVER_TIMEOUT', 'UNEXPECTED_CHALLENGE', 'UNEXPECTED_SUCCESS', 'CHALLENGE_INVALID'])(
    '%s may come from a server that does not speak the mechanism',
    (code) => {
      const error = failed(code, password)
      const better = explained(error, 'SCRAM-SHA-256')
      expect(better).toMatchObject({ code, fault: 'peer', remedy: 'Do it.', cause: code })
      expect(better.message).toMatch(
        /It failed\. \S+PasswordAuthenticator is not known to take SCRAM-SHA-256\. This/,
      )
    },
  )

  test('other failures stay what they are', () => {
    const other = failed('SOURCE_FAILED', password)
    expect(explained(other, 'SCRAM-SHA-256')).toBe(other)
    const fits = failed('SERVER_TIMEOUT', password)
    expect(explained(fits, 'PLAIN')).toBe(fits)
    expect(explained(fits, undefined)).toBe(fits)
    const stranger = failed('SERVER_TIMEOUT', unknown)
    expect(explained(stranger, 'SCRAM-SHA-256')).toBe(stranger)
    expect(explained(authError('SERVER_TIMEOUT'), 'SCRAM-SHA-256').code).toBe('SERVER_TIMEOUT')
  })
})
