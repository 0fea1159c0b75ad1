import { isIP } from 'node:net'
import { systemLookup } from '../src/probes/system-lookup.js'

test('a name of this machine: its addresses, and the time begins once the process is ready', async () => {
  const begun = jest.fn()
  const found = await systemLookup('localhost', { signal: new AbortController().signal, begun })
  expect(found.map(({ address }) => isIP(address))).not.toContain(0)
  expect(found.length).toBeGreaterThan(0)
  expect(begun).toHaveBeenCalledTimes(1)
})

test.each(['cassandra.invalid', '-e', '--version'])(
  'a name that nobody has, %s: the code of the system',
  async (host) => {
    const looking = systemLookup(host, { signal: new AbortController().signal, begun: () => {} })
    await expect(looking).rejects.toMatchObject({ code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) })
  },
)

test('it ends with the signal, and so does its process', async () => {
  const ending = new AbortController()
  const before = process.getActiveResourcesInfo().filter((each) => each === 'ProcessWrap').length
  const looking = systemLookup('localhost', { signal: ending.signal, begun: () => {} })
  ending.abort()
  await expect(looking).rejects.toMatchObject({ code: 'ABORT_ERR' })
  const running = () => process.getActiveResourcesInfo().filter((each) => each === 'ProcessWrap').length
  while (running() > before) await new Promise((resolve) => setImmediate(resolve))
})
