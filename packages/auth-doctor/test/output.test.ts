import { PassThrough } from 'node:stream'
import { watchOutput } from '../src/output.js'

async function failing(stream: 'stdout' | 'stderr', code: string) {
  const [stdout, stderr, lost] = [new PassThrough(), new PassThrough(), jest.fn()]
  watchOutput({ stdout, stderr }, lost)
  const failed = { stdout, stderr }[stream]
  const closed = new Promise((resolve) => failed.once('close', resolve))
  failed.destroy(Object.assign(new Error(`write ${code}`), { code }))
  await closed
  return { said: String((stream === 'stdout' && stderr.read()) || ''), isLost: lost.mock.calls.length > 0 }
}

test('a reader who has seen enough is not an error', async () => {
  expect(await failing('stdout', 'EPIPE')).toEqual({ said: '', isLost: false })
})

test('a report that cannot be written is said to be lost, without a stack', async () => {
  expect(await failing('stdout', 'ENOSPC')).toEqual({
    said: 'auth-doctor: the output cannot be written: ENOSPC.\n',
    isLost: true,
  })
})

test('nobody can be told of errors on stderr', async () => {
  expect(await failing('stderr', 'EPIPE')).toEqual({ said: '', isLost: false })
})
