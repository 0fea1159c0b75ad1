/** The key derivation of PKCS #12 (RFC 7292 appendix B.2), in this thread and in others. */
import crypto, { createHash } from 'node:crypto'
import { EventEmitter } from 'node:events'
import workerThreads from 'node:worker_threads'
import type { Iterated } from '../src/lib/material/iterate.js'
import { fresh } from './support/fresh.js'

const load = () =>
  fresh(() => require('../src/lib/material/iterate.js') as typeof import('../src/lib/material/iterate.js'))
const input: Iterated = {
  password: Buffer.from('0067006500680000', 'hex'),
  salt: Buffer.from('salt of some length'),
  iterations: 3,
  length: 100,
  digest: 'sha256',
  purpose: 1,
}
const { hash } = crypto
afterEach(() => {
  Object.assign(crypto, { hash })
  jest.restoreAllMocks()
})

/** Written for this test, with big numbers. `size`: the block size of the hash. */
function reference({ password, salt, iterations, length, digest, purpose }: Iterated, size: number): Buffer {
  const filled = (bytes: Buffer) =>
    Buffer.from(
      Array.from({ length: Math.ceil(bytes.length / size) * size }, (_, at) =>
        Number(bytes[at % bytes.length]),
      ),
    )
  const number = (bytes: Buffer) => BigInt(`0x0${bytes.toString('hex')}`)
  const blocks = [filled(salt), filled(password)].flatMap((all) =>
    Array.from({ length: all.length / size }, (_, at) => all.subarray(at * size, (at + 1) * size)),
  )
  let result = Buffer.alloc(0)
  while (result.length < length) {
    let hash = Buffer.concat([Buffer.alloc(size, purpose), ...blocks])
    for (let left = iterations; left > 0; left--) hash = createHash(digest).update(hash).digest()
    result = Buffer.concat([result, hash])
    const added = number(filled(hash).length === size ? filled(hash) : Buffer.alloc(size, hash))
    for (const [at, block] of blocks.entries()) {
      const sum = BigInt.asUintN(8 * size, number(block) + added + 1n)
      blocks[at] = Buffer.from(sum.toString(16).padStart(2 * size, '0'), 'hex')
    }
  }
  return result.subarray(0, length)
}

const cases: readonly (readonly [string, Partial<Iterated>, number])[] = [
  ['MD5', { digest: 'md5' }, 64],
  ['SHA-1', { digest: 'sha1' }, 64],
  ['SHA-224', { digest: 'sha224' }, 64],
  ['SHA-256', {}, 64],
  ['SHA-384', { digest: 'sha384' }, 128],
  ['SHA-512', { digest: 'sha512' }, 128],
  ['SHA-512/224', { digest: 'sha512-224' }, 128],
  ['SHA-512/256', { digest: 'sha512-256' }, 128],
  ['one iteration', { iterations: 1 }, 64],
  ['no password', { password: Buffer.alloc(0) }, 64],
  ['no salt', { salt: Buffer.alloc(0) }, 64],
  ['a password of several blocks', { password: Buffer.alloc(150, 'password') }, 64],
  ['a salt of one block', { salt: Buffer.alloc(64, 'salt') }, 64],
  ['as much as one hash', { length: 32 }, 64],
  ['a byte more than one hash', { length: 33 }, 64],
  ['a vector', { purpose: 2, length: 8 }, 64],
  ['so many iterations that a thread helps', { iterations: 50_001, length: 40 }, 64],
]

describe.each([
  ['with all that Node.js has', () => undefined],
  [
    'without crypto.hash, as before Node.js 20.12',
    () => {
      Object.assign(crypto, { hash: undefined })
    },
  ],
  [
    'in a process that may start no threads',
    () => {
      jest.spyOn(workerThreads, 'Worker').mockImplementation(() => {
        throw new Error('not permitted')
      })
    },
  ],
])('what is derived, %s', (_, prepare) => {
  test.each(cases)('%s', async (_name, more, size) => {
    prepare()
    const { iterateAsync, iterateBeside } = load()
    const all = { ...input, ...more }
    const expected = reference(all, size).toString('hex')
    expect(iterateBeside(all).wait().toString('hex')).toBe(expected)
    expect((await iterateAsync(all)).toString('hex')).toBe(expected)
  })

  test('nothing at all', async () => {
    prepare()
    const { iterateAsync, iterateBeside } = load()
    const none = { ...input, length: 0 }
    expect(iterateBeside(none).inThread).toBe(false)
    expect(iterateBeside(none).wait()).toHaveLength(0)
    expect(await iterateAsync(none)).toHaveLength(0)
  })
})

describe('a thread', () => {
  /** Threads that never do anything; `act` says what happens to each. */
  function threads(act: (thread: EventEmitter) => void) {
    return jest.spyOn(workerThreads, 'Worker').mockImplementation((() => {
      const thread = Object.assign(new EventEmitter(), { ref: () => undefined, unref: () => undefined })
      setImmediate(act, thread)
      return thread
    }) as never)
  }
  const ended = (thread: EventEmitter) => thread.emit('exit', 0)

  test('is started for 50 000 hashes while this one waits, and for 5 000 beside the event loop', async () => {
    const started = threads(ended)
    const { iterateAsync, iterateBeside } = load()
    const beside = (iterations: number) => iterateBeside({ ...input, iterations }).inThread
    expect([beside(50_000), beside(50_001)]).toEqual([false, true])
    expect(started).toHaveBeenCalledTimes(1)
    const one = { ...input, length: 32 }
    await iterateAsync({ ...one, iterations: 5_000 })
    expect(started).toHaveBeenCalledTimes(1)
    await iterateAsync({ ...one, iterations: 5_001 }).catch(() => undefined)
    expect(started).toHaveBeenCalledTimes(2)
  })

  test('that fails or ends early is an error', async () => {
    const { iterateAsync } = load()
    threads((thread) => thread.emit('error', new Error('out of memory')))
    await expect(iterateAsync({ ...input, iterations: 6_000 })).rejects.toThrow('out of memory')
    threads(ended)
    await expect(iterateAsync({ ...input, iterations: 6_000 })).rejects.toThrow('has ended early')
  })
})
