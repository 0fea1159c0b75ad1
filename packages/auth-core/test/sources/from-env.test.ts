import { inspect } from 'node:util'
import { type FromEnvOptions, fromEnv } from '../../src/sources/from-env.js'

const context = {} as never
const from = (environment: FromEnvOptions['environment'], more: object = {}) =>
  fromEnv({ username: 'DB_USER', password: 'DB_PASSWORD' }, { environment, ...more })

test('reads at each call', async () => {
  const environment: Record<string, string> = { DB_USER: 'alice', DB_PASSWORD: 'one' }
  const source = from(environment)
  expect(await source(context)).toEqual({ username: 'alice', password: 'one' })
  environment['DB_PASSWORD'] = 'two'
  expect(await source(context)).toEqual({ username: 'alice', password: 'two' })
})

test('of the process, as it is at the call', async () => {
  const before = process.env
  const source = fromEnv({ username: 'X_AUTH_TEST_USER' })
  try {
    process.env = { ...before, X_AUTH_TEST_USER: 'alice' }
    expect(await source(context)).toEqual({ username: 'alice' })
  } finally {
    process.env = before
  }
})

test.each([
  [{}, 'one\n', 'one'],
  [{}, 'one\r\n', 'one'],
  [{}, 'one\n\n', 'one\n'],
  [{ trailingNewline: 'remove' }, 'one\n', 'one'],
  [{ trailingNewline: 'keep' }, 'one\n', 'one\n'],
])('with the options %p, %p becomes %p, as in a folder', async (more, value, password) => {
  expect(await from({ DB_USER: 'alice', DB_PASSWORD: value }, more)(context)).toEqual({
    username: 'alice',
    password,
  })
})

test('expiresAt is a time of ISO 8601', async () => {
  const fields = { token: 'TOKEN', expiresAt: 'TOKEN_EXPIRES' }
  const at = (TOKEN_EXPIRES: string) => fromEnv(fields, { environment: { TOKEN: 'x', TOKEN_EXPIRES } })
  expect(await at('2030-01-02T03:04:05Z')(context)).toEqual({
    token: 'x',
    expiresAt: new Date('2030-01-02T03:04:05Z'),
  })
  expect(() => at('1893553445')(context)).toThrow(expect.objectContaining({ code: 'CREDENTIALS_INVALID' }))
})

test.each([[{}], [{ DB_USER: '' }], [{ DB_USER: '\n' }]])(
  '%p: names the variable and the field',
  (environment) => {
    expect(() => from(environment)(context)).toThrow(
      expect.objectContaining({
        code: 'CREDENTIALS_NOT_CONFIGURED',
        message: expect.stringMatching(/username.* DB_USER/),
      }),
    )
  },
)

test.each(['hunter2', 'HUNTER2', 'hunter_2', 'Hunter-2'])(
  'the password instead of the name: %p is not quoted',
  (name) => {
    try {
      fromEnv({ username: name }, { environment: {} })(context)
      throw new Error('it answered')
    } catch (error) {
      expect(error).toMatchObject({ code: 'CREDENTIALS_NOT_CONFIGURED' })
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(name)
    }
  },
)

test.each([
  [{}],
  [{ username: '' }],
  [{ username: 42 }],
  [{ username: 'DB=USER' }],
  [{ username: 'DB\nUSER' }],
  [{ username: 'hunter2 x' }],
  [{ username: 'Tr0ub4dor&3' }],
  [{ username: '5tr0ng' }],
  [null],
  [[]],
  [{ username: 'DB_USER' }, { DB_USER: 'alice' }],
  [{ username: 'DB_USER' }, { trailingNewLine: 'keep' }],
  [{ username: 'DB_USER' }, { trailingNewline: true }],
  [{ username: 'DB_USER' }, { environment: null }],
])('%p %p: OPTION_INVALID', (...args) => {
  expect(() => fromEnv(...(args as unknown as [never, never]))).toThrow(
    expect.objectContaining({ code: 'OPTION_INVALID' }),
  )
})

test.each(['hunter2 x', 'hunter2\n', 'correct horse', 'p@ssword', 'a=b', 'pä', '1234'])(
  'what cannot be the name of a variable is refused at once and not quoted: %p',
  (password) => {
    let found: unknown
    try {
      fromEnv({ username: 'DB_USER', password })
    } catch (error) {
      found = error
    }
    expect(found).toMatchObject({ code: 'OPTION_INVALID' })
    expect(inspect(found, { depth: 9, showHidden: true })).not.toContain(password)
  },
)

class Names {
  username = 'DB_USER'
  get authorizationId() {
    return 'DB_ROLE'
  }
}

test.each([
  ['behind a getter of a class', new Names()],
  ['inherited', Object.assign(Object.create({ authorizationId: 'DB_ROLE' }), { username: 'DB_USER' })],
  [
    'inherited from an object without a prototype',
    Object.assign(Object.create(Object.assign(Object.create(null), { authorizationId: 'DB_ROLE' })), {
      username: 'DB_USER',
    }),
  ],
])('a field %s is read: without its role this would be another login', async (_, fields) => {
  const source = fromEnv(fields, { environment: { DB_USER: 'alice', DB_ROLE: 'reports' } })
  expect(await source(context)).toEqual({ username: 'alice', authorizationId: 'reports' })
})
