import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { matchesAuthenticator } from '../src/authenticator-pattern.js'
import { parseEndpoint } from '../src/endpoint.js'
import { LoginCounter } from '../src/lib/login/login-counter.js'
import { Secret } from '../src/secret.js'

describe('parseEndpoint', () => {
  test.each([
    ['127.0.0.1:9042', '127.0.0.1', 9042],
    ['::1:9042', '::1', 9042],
    ['fe80::1%eth0:9142', 'fe80::1%eth0', 9142],
    ['[::1]:9042', '::1', 9042],
    ['node.example:1', 'node.example', 1],
    ['a:65535', 'a', 65_535],
    ['fe80::1%[a]:9042', 'fe80::1%[a]', 9042],
    ['[a]%b:9042', '[a]%b', 9042],
  ])('%s', (endpoint, address, port) => {
    expect(parseEndpoint(endpoint)).toEqual({ address, port })
  })

  test.each([
    [''],
    [':9042'],
    ['127.0.0.1'],
    ['127.0.0.1:'],
    ['127.0.0.1:x'],
    ['127.0.0.1:0'],
    ['127.0.0.1:65536'],
    ['9042'],
    ['[]:9042'],
    ['127.0.0.1:-1'],
    ['127.0.0.1:+9042'],
    ['127.0.0.1:9042 '],
    ['127.0.0.1:1e3'],
    ['127.0.0.1:009042'],
    [undefined],
    [null],
    [9042],
  ])('%p is refused', (endpoint) => {
    expect(() => parseEndpoint(endpoint as string)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })

  test('any text: parsed or refused with a code', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(parseEndpoint(text).port).toBeGreaterThan(0)
        } catch (error) {
          expect(error).toMatchObject({ code: 'OPTION_INVALID' })
        }
      }),
    )
  })
})

describe('Secret', () => {
  const secret = new Secret('hunter2')

  test('gives its value to who asks for it by name', () => {
    expect(secret.use((value) => value.length)).toBe(7)
  })

  test('cannot be printed by accident', () => {
    const forms = [
      inspect(secret, { showHidden: true, depth: 9 }),
      inspect({ secret }),
      JSON.stringify({ secret }),
      String(secret),
      `${secret}`,
      JSON.stringify(Object.entries(secret)),
      JSON.stringify({ ...secret }),
    ]
    expect(forms.filter((form) => form.includes('hunter2'))).toEqual([])
    expect(forms[0]).toContain('[secret]')
  })

  test('wraps once', () => {
    expect(Secret.of(secret)).toBe(secret)
    expect(Secret.of('x').use((value) => value)).toBe('x')
    expect([Secret.is(secret), Secret.is('x'), Secret.is(null)]).toEqual([true, false, false])
  })
})

describe('matchesAuthenticator', () => {
  const name = 'org.apache.cassandra.auth.PasswordAuthenticator'

  test.each([
    [name, true],
    ['PasswordAuthenticator', true],
    ['Authenticator', false],
    [/Password/, true],
    [/^Password/, false],
    [(given: string) => given === name, true],
    [() => 'truthy' as unknown as boolean, false],
  ])('%p → %p', (pattern, expected) => {
    expect(matchesAuthenticator(pattern, name)).toBe(expected)
  })

  test('a function that throws or returns a Promise is a wrong option', () => {
    const throwing = () => {
      throw new Error('hunter2')
    }
    expect(() => matchesAuthenticator(throwing, name)).toThrow(
      expect.objectContaining({
        code: 'OPTION_INVALID',
        authenticator: name,
        message: expect.not.stringContaining('hunter2'),
      }),
    )
    const later = () => Promise.reject(new Error('later')) as unknown as boolean
    expect(() => matchesAuthenticator(later, name)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID', authenticator: name }),
    )
  })

  test('a global expression matches every time', () => {
    const pattern = /Password/g
    expect([1, 2, 3].map(() => matchesAuthenticator(pattern, name))).toEqual([true, true, true])
  })
})

describe('LoginCounter', () => {
  test('counts successes, and forgets the endpoint that was silent longest', () => {
    const counter = new LoginCounter()
    counter.add('old', undefined)
    counter.add('kept', undefined)
    for (let index = 0; index < 9_998; index++) counter.add(`endpoint-${index}`, undefined)
    counter.add('kept', undefined)
    counter.add('one more', undefined)
    expect(['old', 'kept', 'never'].map((each) => counter.successes(each))).toEqual([0, 2, 0])
  })

  test('counts what is open, for each client apart', () => {
    const counter = new LoginCounter()
    const [first, second] = [{}, {}]
    const close: (() => void)[] = []
    const connection = (reader: object) =>
      ({ reader, onClose: (closed: () => void) => close.push(closed) }) as never
    counter.add('node', connection(first))
    counter.add('node', connection(first))
    counter.add('node', connection(second))
    counter.add('node', undefined)
    expect([counter.open('node', first), counter.open('node', second)]).toEqual([2, 1])
    for (const each of close.slice(1)) each()
    expect([counter.open('node', first), counter.open('node', second)]).toEqual([1, 0])
    expect(counter.open('other', first)).toBe(0)
    expect(counter.successes('node')).toBe(4)
  })
})
