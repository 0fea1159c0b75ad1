import { registry } from '../src/index.js'
import { bytes, codeOf, converse } from './support/conversation.js'
import { bindingOf, mechanismOf, readVectors, type Vector, vectorFiles } from './support/vectors.js'

const vectors = vectorFiles().flatMap((file) => readVectors(file))

/** Everything but the last message of the server, if it comes with success. */
async function replay(vector: Vector) {
  const mechanism = mechanismOf(vector)
  const talk = converse(mechanism, vector.credentials, { nonce: vector.nonce, binding: bindingOf(vector) })
  const messages = [...vector.exchange]
  const final = vector.proof === 'success' ? messages.pop()?.bytes : undefined
  let answer = await talk.first()
  let answered = 0
  for (const { from, bytes } of messages) {
    if (from === 'client') {
      expect(answer.toString('latin1')).toBe(bytes.toString('latin1'))
      answered++
    } else {
      answer = await talk.challenge(bytes)
    }
  }
  return { mechanism, talk, final, answer, answered }
}

describe('published exchanges are replayed byte by byte', () => {
  test.each(vectors.map((vector) => [vector.mechanism, vector.name, vector] as const))(
    '%s: %s',
    async (_, __, vector) => {
      const { talk, final, answer, answered } = await replay(vector)
      expect(answered).toBe(vector.exchange.filter(({ from }) => from === 'client').length)
      if (vector.proof === 'challenge') expect(answer).toEqual(Buffer.alloc(0))
      if (vector.proof === 'refused') return expect(talk.failure()?.code).toBe('OAUTHBEARER_REFUSED')
      expect(() => talk.succeed(final ?? null)).not.toThrow()
    },
  )
})

describe('with the proof of the server changed in one place, the same exchanges end unverified', () => {
  const proving = vectors.filter(({ proof }) => proof === 'success')
  test.each(proving.map((vector) => [vector.mechanism, vector.name, vector] as const))(
    '%s: %s',
    async (_, __, vector) => {
      const { talk, final } = await replay(vector)
      const text = final?.toString() ?? ''
      const at = text.indexOf('=') + 1
      const lie = `${text.slice(0, at)}${text[at] === 'A' || text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`
      expect(await codeOf(() => talk.succeed(lie))).toBe('SERVER_NOT_VERIFIED')
      expect(await codeOf(() => talk.challenge(bytes(lie)))).toBe('SERVER_NOT_VERIFIED')
    },
  )
})

describe('registry', () => {
  test.each(registry.map(({ name }) => name))('%s has vectors', (name) => {
    expect(vectors.filter(({ mechanism }) => mechanism === name)).not.toEqual([])
  })
})
