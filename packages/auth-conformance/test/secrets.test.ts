import { inspect } from 'node:util'
import { checkReachable, checkSecret, shownIn } from '../src/lib/secrets.js'
import { watchTimers } from '../src/lib/time/watch-timers.js'
import { watchOutput } from '../src/lib/watch-output.js'

const secret = 'pass+word/ü?"canary'
const bytes = Buffer.from(secret)

test.each([
  ['in clear', secret],
  ['in JSON', JSON.stringify({ secret })],
  ['in a URL', `https://example.org/?password=${encodeURIComponent(secret)}`],
  ['in a form', new URLSearchParams({ password: secret }).toString()],
  ['in base64', bytes.toString('base64')],
  ['in base64, behind a user name', Buffer.from(`\0user\0${secret}`).toString('base64')],
  ['in base64, one byte on', Buffer.from(`\0users\0${secret}`).toString('base64')],
  ['in base64, two bytes on', Buffer.from(`\0user22\0${secret}`).toString('base64')],
  ['in base64url', Buffer.from(`\0user\0${secret}`).toString('base64url')],
  ['in hex', bytes.toString('hex')],
  ['in upper-case hex', bytes.toString('hex').toUpperCase()],
  ['as Node prints a Buffer', inspect(bytes)],
  ['as Node prints a Uint8Array', inspect(Uint8Array.from(bytes), { breakLength: Infinity })],
  ['backwards', [...secret].reverse().join('')],
  ['as codes of its characters', Array.from(secret, (each) => each.charCodeAt(0)).join(' ')],
  ['as JSON prints codes', JSON.stringify(Array.from(secret, (each) => each.charCodeAt(0)))],
  ['as JSON prints a Buffer', JSON.stringify(bytes)],
])('a secret is found %s', (_, text) => {
  expect(shownIn(`before ${text} after`, [secret])).toBeDefined()
})

test('a secret that is not shown is not found', () => {
  expect(shownIn('pass word ü? canary', [secret])).toBeUndefined()
})

test.each<[string, () => unknown]>([
  ['in the message', () => new Error(secret)],
  ['in a cause', () => new Error('outer', { cause: new Error(secret) })],
  [
    'in a property that is not enumerable',
    () => Object.defineProperty(new Error('x'), 'token', { value: secret }),
  ],
  ['under a symbol', () => ({ [Symbol('password')]: secret })],
  ['as a Buffer', () => ({ token: bytes })],
  [
    'in a Map, behind a circle',
    () => {
      const node: { self?: unknown; map: Map<string, unknown> } = { map: new Map([['password', secret]]) }
      node.self = node
      return node
    },
  ],
])('a value shows a secret %s', (_, make) => {
  expect(() => checkSecret(make(), [secret], 'it')).toThrow(/a secret is shown .* by it/)
  expect(() => checkReachable(make(), [secret], 'it')).toThrow(/a secret is shown .* by it/)
})

test('a private field and a getter on the prototype show nothing', () => {
  class Holder {
    readonly #secret = secret
    get password(): string {
      return this.#secret
    }
  }
  expect(() => checkSecret(new Holder(), [secret], 'it')).not.toThrow()
  expect(() => checkReachable(new Holder(), [secret], 'it')).not.toThrow()
})

test('output to the console and the streams is watched, and restored afterwards', () => {
  const seen: string[] = []
  jest.spyOn(console, 'debug').mockReturnValue()
  jest.spyOn(process, 'emitWarning').mockReturnValue()
  const { write } = process.stdout
  const stop = watchOutput((text) => seen.push(text))
  process.emitWarning('a warning of the test')
  process.stderr.write('')
  console.debug('%s', secret)
  stop()
  expect(seen.join('\n')).toContain('a warning of the test')
  expect(shownIn(seen.join('\n'), [secret])).toBe('in clear')
  expect(process.stdout.write).toBe(write)
})

test('timers are counted where they were made, while they keep the process alive', async () => {
  const watch = watchTimers()
  const timer = watch.run(() => setTimeout(() => undefined, 60_000))
  const other = setTimeout(() => undefined, 60_000)
  expect(await watch.keepingAlive()).toBe(1)
  timer.unref()
  expect(await watch.keepingAlive()).toBe(0)
  timer.ref()
  clearTimeout(timer)
  clearTimeout(other)
  expect(await watch.keepingAlive()).toBe(0)
  watch.close()
})
