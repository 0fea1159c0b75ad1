import type { ExchangeEvent } from '../../src/diagnostics.js'
import { type Conversation, type ExchangeContext, finish, type SuccessToken } from '../../src/mechanism.js'
import { exchangeEnd, publishedBy } from '../support/events.js'
import { bytes, connect, mechanismOf, providerOf } from '../support/harness.js'

const proof = bytes('proof')

const mutual = (verify: (context: ExchangeContext, token: SuccessToken) => unknown) =>
  mechanismOf(async function* () {}, {
    mutual: true,
    async *converse(_: unknown, context: ExchangeContext): Conversation {
      yield finish(bytes('hello'), (token) => verify(context, token))
    },
  })

const compared = mutual((context, token) => context.verifyServer(proof, token))

/** What the event says at the end of a login that ends with `token`. */
async function serverVerified(
  mechanism: ReturnType<typeof mutual>,
  token: SuccessToken,
  serverVerification: 'required' | 'when-sent' = 'required',
) {
  const ends = await publishedBy<ExchangeEvent>(exchangeEnd, async () => {
    const driver = connect(providerOf({ mechanism, serverVerification }).provider)
    await driver.start()
    driver.succeed(token)
  })
  expect(ends).toHaveLength(1)
  return [ends[0]?.copy.outcome, ends[0]?.copy.serverVerified]
}

describe('whether the server proved itself, as the event of a login tells it', () => {
  test('yes, where its proof was compared and is right', async () => {
    expect(await serverVerified(compared, proof)).toEqual(['success', true])
  })

  test('yes, where a library says that it compared the proof', async () => {
    const vouched = mutual((context) => context.vouchForServer())
    expect(await serverVerified(vouched, undefined)).toEqual(['success', true])
  })

  test('no, where nobody saw the proof and the user accepts that', async () => {
    expect(await serverVerified(compared, undefined, 'when-sent')).toEqual(['success', false])
  })

  test.each([
    ['is wrong', bytes('prooF')],
    ['is missing', null],
  ])('no, where the proof %s', async (_, token) => {
    expect(await serverVerified(compared, token, 'when-sent')).toEqual(['failure', false])
  })

  test('nothing, where the mechanism promises no proof', async () => {
    const oneWay = { ...mutual(() => undefined), mutual: false as const }
    expect(await serverVerified(oneWay as never, undefined)).toEqual(['success', undefined])
  })
})
