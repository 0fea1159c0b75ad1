import { assertNotAnonymous } from '../src/assert-not-anonymous.js'

type Answer = 'known' | { readonly code?: unknown; readonly message?: string } | undefined

/** A client that is connected to these servers, and what each of them answers. */
function clientOf(answers: Readonly<Record<string, Answer>>) {
  const asked: unknown[] = []
  const client = {
    getState: () => ({ getConnectedHosts: () => Object.keys(answers).map((address) => ({ address })) }),
    async execute(query: string, parameters: unknown, { host }: { host: { address: string } }) {
      asked.push([query, parameters, host.address])
      const answer = answers[host.address]
      if (answer !== 'known') throw answer
    },
  }
  return { client: client as never, asked }
}

const unauthorized = { code: 0x2100 }

test('every connected server is asked, each by name', async () => {
  const { client, asked } = clientOf({ 'a:1': 'known', 'b:2': 'known' })
  await expect(assertNotAnonymous(client)).resolves.toBeUndefined()
  expect(asked).toEqual([
    ['LIST ROLES', [], 'a:1'],
    ['LIST ROLES', [], 'b:2'],
  ])
})

test('servers that do not let the client ask are named, and no other', async () => {
  const { client } = clientOf({ 'a:1': 'known', 'b:2': unauthorized, 'c:3': unauthorized })
  await expect(assertNotAnonymous(client)).rejects.toMatchObject({
    code: 'NOT_AUTHENTICATED',
    endpoint: 'b:2',
    message: expect.stringMatching(/: b:2, c:3\./),
  })
})

test.each<[string, Answer]>([
  ['another code of the server', { code: 0x2200 }],
  ['its code as text', { code: '8448' }],
  ['an error without a code', { message: 'OperationTimedOutError' }],
  ['nothing', undefined],
])('%s answers nothing: CANNOT_TELL, with what it was', async (_, answer) => {
  const { client } = clientOf({ 'a:1': 'known', 'b:2': answer })
  const error = await assertNotAnonymous(client).catch((reason) => reason)
  expect(error).toMatchObject({ code: 'CANNOT_TELL', endpoint: 'b:2' })
  expect(error.cause).toBe(answer)
})

test('one server that is sure outweighs one that does not say', async () => {
  const { client } = clientOf({ 'a:1': { code: 1 }, 'b:2': unauthorized })
  await expect(assertNotAnonymous(client)).rejects.toMatchObject({
    code: 'NOT_AUTHENTICATED',
    endpoint: 'b:2',
  })
})

test('a client that is not connected has nobody to ask', async () => {
  await expect(assertNotAnonymous(clientOf({}).client)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})
