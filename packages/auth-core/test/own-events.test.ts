/** What keeps tests of one process apart. */
import { channel } from 'node:diagnostics_channel'
import { publishedBy } from './support/events.js'

test('a test hears what it begins, also later, and nothing of others', async () => {
  const shared = channel('@x/auth:own-events')
  let others = () => {}
  const other = new Promise<void>((resolve) => {
    others = resolve
  }).then(() => shared.publish({ by: 'another test' }))
  const published = await publishedBy<{ by: string }>(shared.name as string, async (soFar) => {
    shared.publish({ by: 'this one' })
    others()
    await other
    await new Promise<void>((resolve) => {
      setImmediate(() => {
        shared.publish({ by: 'its timer' })
        resolve()
      })
    })
    expect(soFar).toHaveLength(2)
  })
  shared.publish({ by: 'its end' })
  expect(published.map(({ event }) => event.by)).toEqual(['this one', 'its timer'])
})
