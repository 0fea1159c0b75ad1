/** When a file counts as complete, and what happens if it changes while it is read. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as Module from '../../src/lib/secrets/file-snapshot.js'
import { readSettled, stampOf } from '../../src/lib/secrets/file-snapshot.js'
import { ManualClock } from '../support/manual-clock.js'

const modified = Date.parse('2026-01-01T00:00:00Z')
const settleMs = 100
let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'x-auth-snapshot-'))
  file = join(folder, 'password')
  write('first')
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(text: string, at = modified): void {
  writeFileSync(file, text)
  utimesSync(file, at / 1_000, at / 1_000)
}

/** Counts the pauses; each one ends at once, after `during`. */
class PausingClock extends ManualClock {
  pauses = 0
  readonly #during: (pause: number) => void

  constructor(now: number, during: (pause: number) => void = () => {}) {
    super(now)
    this.#during = during
  }

  override schedule(delayMs: number, action: () => void) {
    const timer = super.schedule(delayMs, action)
    this.#during(++this.pauses)
    setImmediate(() => this.advance(delayMs))
    return timer
  }
}

const read = (clock: ManualClock, reader = readSettled, path = file) =>
  reader({ path, name: path }, { names: undefined, clock, settleMs, signal: new AbortController().signal })
const textOf = ({ files }: Module.Snapshot) => Buffer.from(files.get('password') ?? []).toString()

/** The module, with other answers of the file system. */
function moduleWith(answers: object): typeof Module {
  let module: typeof Module | undefined
  jest.isolateModules(() => {
    jest.doMock('node:fs/promises', () => ({ ...jest.requireActual('node:fs/promises'), ...answers }))
    module = require('../../src/lib/secrets/file-snapshot.js') as typeof Module
    jest.dontMock('node:fs/promises')
  })
  return module as typeof Module
}

test.each([
  ['was left alone just long enough is read at once', settleMs, 0],
  ['was written a moment ago is read after a pause', settleMs - 1, 1],
  ['is of the future, by this clock, is read after a pause', -1_000, 1],
])('a file that %s', async (_, age, pauses) => {
  const clock = new PausingClock(modified + age)
  expect(textOf(await read(clock))).toBe('first')
  expect(clock.pauses).toBe(pauses)
})

test('a file that changes during the pause is read after another one', async () => {
  const clock = new PausingClock(modified, (pause) => {
    if (pause === 1) write('second and longer', modified + 3_600_000)
  })
  expect(textOf(await read(clock))).toBe('second and longer')
  expect(clock.pauses).toBe(2)
})

test('a file that changes all the time is given up after twenty pauses', async () => {
  const clock = new PausingClock(modified, (pause) => write('x'.repeat(pause), modified + 3_600_000))
  await expect(read(clock)).rejects.toMatchObject({ code: 'SOURCE_FAILED' })
  expect(clock.pauses).toBe(20)
})

test('what is neither a file nor a folder has no stamp and is not read', async () => {
  const device = '/dev/null'
  const wrong = { code: 'SOURCE_FAILED', message: expect.stringContaining(`${device} is neither`) }
  await expect(stampOf({ path: device, name: device }, undefined)).rejects.toMatchObject(wrong)
  await expect(read(new ManualClock(), readSettled, device)).rejects.toMatchObject(wrong)
})

test('the same holds for what took the place of a file that was looked at', async () => {
  const real = await stat(file, { bigint: true })
  const { readSettled: reader } = moduleWith({ stat: async () => real })
  await expect(read(new PausingClock(modified + settleMs), reader, '/dev/null')).rejects.toMatchObject({
    code: 'SOURCE_FAILED',
    message: expect.stringContaining('/dev/null is neither'),
  })
})

test('a file that is gone when it is opened is looked for again', async () => {
  let opened = 0
  const opening = async (...given: Parameters<typeof open>) => {
    if (++opened === 1) throw Object.assign(new Error('gone'), { code: 'ENOENT' })
    return open(...given)
  }
  const { readSettled: reader } = moduleWith({ open: opening })
  expect(textOf(await read(new PausingClock(modified + settleMs), reader))).toBe('first')
  expect(opened).toBe(2)
})

test('a file that may not be opened is an error at once', async () => {
  const opening = async () => {
    throw Object.assign(new Error('EACCES: secret text'), { code: 'EACCES' })
  }
  const { readSettled: reader } = moduleWith({ open: opening })
  const clock = new PausingClock(modified + settleMs)
  const error = await read(clock, reader).catch((reason) => reason)
  expect(error).toMatchObject({ code: 'SOURCE_FAILED' })
  expect(error.message).not.toContain('secret text')
  expect(clock.pauses).toBe(0)
})

test.each([
  [1_048_576, undefined],
  [1_048_577, 'SOURCE_FAILED'],
])('every file is closed, whether it is taken or not: %i bytes', async (size, code) => {
  const handles: FileHandle[] = []
  const opening = async (...given: Parameters<typeof open>) => {
    const handle = await open(...given)
    handles.push(handle)
    return handle
  }
  const small = await stat(file, { bigint: true })
  const { readSettled: reader } = moduleWith({ open: opening, stat: async () => small })
  write('x'.repeat(size))
  const outcome = await read(new PausingClock(modified + settleMs), reader).then(
    () => undefined,
    (reason) => reason.code,
  )
  expect(outcome).toBe(code)
  expect(handles.map(({ fd }) => fd)).toEqual([-1])
})

test('a file that has grown since it was opened is read again', async () => {
  const grown = 'first and more'
  let opened = 0
  const opening = async (...given: Parameters<typeof open>) => {
    const handle = await open(...given)
    if (++opened > 1) return handle
    const { stat: look } = handle
    handle.stat = (async () => {
      const stats = await look.call(handle)
      write(grown)
      return stats
    }) as never
    return handle
  }
  const { readSettled: reader } = moduleWith({ open: opening })
  expect(textOf(await read(new PausingClock(modified + settleMs), reader))).toBe(grown)
  expect(opened).toBeGreaterThan(1)
})

test('a pause ends when the login gives up, and leaves no timer', async () => {
  const clock = new ManualClock(modified)
  const abort = new AbortController()
  const reading = readSettled(
    { path: file, name: file },
    { names: undefined, clock, settleMs, signal: abort.signal },
  )
  const outcome = reading.then(
    () => 'read',
    (reason) => reason,
  )
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve))
  const reason = new Error('gave up')
  abort.abort(reason)
  expect(await outcome).toBe(reason)
  expect(clock.pending).toBe(0)
})
