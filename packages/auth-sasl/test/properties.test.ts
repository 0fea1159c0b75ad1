import { isAuthError } from '@x/auth-core'
import fc from 'fast-check'
import { registry } from '../src/index.js'
import { converse } from './support/conversation.js'
import { bindingOf, mechanismOf, readVectors, type Vector, vectorFiles } from './support/vectors.js'

const vectors = vectorFiles().flatMap((file) => readVectors(file))

/** Refusals take no stack here: it would be most of the time. */
beforeAll(() => {
  Error.stackTraceLimit = 0
})

/** Plays the messages, whatever they are, until the client refuses; true if it has accepted the server. */
async function play(vector: Vector, messages: readonly (Uint8Array | null)[], success: Uint8Array | null) {
  // Low limits, so that the time goes into messages and not into PBKDF2.
  const limits = vector.mechanism.startsWith('SCRAM') ? { minIterations: 1, maxIterations: 5_000 } : {}
  const talk = converse(mechanismOf(vector, limits), vector.credentials, {
    nonce: vector.nonce,
    binding: bindingOf(vector),
  })
  try {
    await talk.first()
    for (const message of messages) await talk.challenge(message)
    talk.succeed(success)
    return true
  } catch (error) {
    if (isAuthError(error) && error.code !== 'MECHANISM_FAILED') return false
    throw error
  }
}

const token = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null })
const bytesOfServer = (vector: Vector) =>
  vector.exchange.filter(({ from }) => from === 'server').map(({ bytes }) => bytes)

describe.each(registry.map(({ name }) => name))('%s', (name) => {
  const own = vectors.filter(({ mechanism }) => mechanism === name)
  const vector = fc.constantFrom(...own)
  const mutual = registry.find((row) => row.name === name)?.create({}).mutual

  test('any bytes of a server: a typed error, or an exchange that goes on; never accepted without proof', async () => {
    await fc.assert(
      fc.asyncProperty(vector, fc.array(token, { maxLength: 4 }), token, async (given, messages, success) => {
        const accepted = await play(given, messages, success)
        if (mutual) expect(accepted).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  test('a true exchange with bytes changed, inserted or left out: never accepted without its proof', async () => {
    const change = fc.record({
      message: fc.nat({ max: 3 }),
      at: fc.nat({ max: 300 }),
      remove: fc.nat({ max: 3 }),
      insert: fc.uint8Array({ maxLength: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(vector, change, async (given, { message, at, remove, insert }) => {
        const messages = bytesOfServer(given)
        const index = message % Math.max(messages.length, 1)
        const before = messages[index] ?? Buffer.alloc(0)
        const start = at % (before.length + 1)
        const after = Buffer.concat([before.subarray(0, start), insert, before.subarray(start + remove)])
        messages[index] = after
        const final = given.proof === 'success' ? (messages.pop() ?? null) : null
        const accepted = await play(given, messages, final)
        if (mutual && accepted) expect(before.equals(after) || isHarmless(given, before, after)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

/**
 * A change that leaves the proof right, which in GSSAPI none does: in what SCRAM's client must ignore behind the signature, or in what of DIGEST-MD5's
 * challenge no proof is computed over.
 */
function isHarmless({ mechanism }: Vector, before: Buffer, after: Buffer): boolean {
  if (mechanism === 'GSSAPI') return false
  const [was, is] = [before, after].map((bytes) => bytes.toString('latin1')) as [string, string]
  if (was.startsWith('v=')) return is.startsWith(`${was},`)
  return !was.startsWith('r=') && parts(was) === parts(is)
}

/** What of a list of directives the proofs are computed over, however it is written; the offer as a whole is not (RFC 2831 §3). */
function parts(list: string): string {
  const found = [...list.matchAll(/(nonce|rspauth)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,]*)/gi)]
  return found
    .map(([, key, value]) => `${key?.toLowerCase()}=${value?.replaceAll('"', '').toLowerCase()}`)
    .join()
}

describe('time and memory', () => {
  const million = 1_000_000
  test.each([
    ['SCRAM-SHA-256', Buffer.alloc(million, ',')],
    ['SCRAM-SHA-256', Buffer.from(`r=${'A'.repeat(million)}`)],
    ['SCRAM-SHA-256', Buffer.from(`r=x,s=${'AAAA'.repeat(2_000)}`)],
    ['DIGEST-MD5', Buffer.alloc(million, '"')],
    ['DIGEST-MD5', Buffer.from(' ,'.repeat(1_000))],
    ['DIGEST-MD5', Buffer.from('a=b,'.repeat(500))],
    ['DIGEST-MD5', Buffer.from(`a="${'\\"'.repeat(1_000)}`)],
    ['DIGEST-MD5', Buffer.from(`a${' '.repeat(2_000)}b`)],
    ['GSSAPI', Buffer.alloc(million, 0x60)],
    ['CRAM-MD5', Buffer.alloc(million, 'x')],
    ['OAUTHBEARER', Buffer.alloc(million, '[')],
    ['OAUTHBEARER', Buffer.alloc(8_000, '[')],
  ])('%s refuses at once what is built to take long', async (name, message) => {
    const given = vectors.find(({ mechanism }) => mechanism === name) as Vector
    const before = process.cpuUsage().user
    expect(await play(given, [message], null)).toBe(false)
    // Microseconds of this process; the slowest takes some hundred.
    expect(process.cpuUsage().user - before).toBeLessThan(1_000_000)
  })
})
