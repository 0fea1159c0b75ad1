/** How a change of a file is noticed without reading it. */
import { chmodSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { signatureOf, signatureOfSync } from '../src/lib/rotation/watch.js'
import { folder, removeFolders } from './support/folder.js'

afterAll(removeFolders)

const ways = {
  'while a profile is being made': async (files: string[]) => signatureOfSync(files),
  'while it runs': signatureOf,
}

describe.each(Object.entries(ways))('the state of files, %s', (_, signature) => {
  let file: string
  beforeEach(() => {
    file = join(folder(), 'tls.crt')
    writeFileSync(file, 'first')
    utimesSync(file, 1_000, 1_000)
  })

  test('stays the same as long as nothing changes', async () => {
    expect(await signature([file])).toBe(await signature([file]))
  })

  test('is the same in both ways, so that the first check of a profile finds no change', async () => {
    expect(await signature([file, `${file}.missing`])).toBe(signatureOfSync([file, `${file}.missing`]))
  })

  test.each<[string, () => void]>([
    ['is written in place with as many bytes', () => writeAt(2_000)],
    ['is written in place, a microsecond after the last time', () => writeAt(1_000.000001)],
    ['grows, at the same time of day', () => append()],
    ['is another one, of the same size and time', () => replace()],
    ['changes, and its time is set back', () => setBack()],
    ['was deleted', () => rmSync(file)],
  ])('notices that a file %s', async (_title, change) => {
    const before = await signature([file])
    change()
    expect(await signature([file])).not.toBe(before)
  })

  test('shows which of two files is missing', async () => {
    const other = `${file}.key`
    expect(await signature([file, other])).not.toBe(await signature([other, file]))
  })

  function writeAt(seconds: number): void {
    writeFileSync(file, 'other')
    utimesSync(file, seconds, seconds)
  }
  function append(): void {
    writeFileSync(file, 'first and more')
    utimesSync(file, 1_000, 1_000)
  }
  function replace(): void {
    writeFileSync(`${file}.new`, 'other')
    utimesSync(`${file}.new`, 1_000, 1_000)
    renameSync(`${file}.new`, file)
  }
  /** The change time of the file follows the clock of the file system, which may stand still for a moment. */
  function setBack(): void {
    const changed = () => statSync(file, { bigint: true }).ctimeNs
    const before = changed()
    writeFileSync(file, 'other')
    while (changed() === before) {
      chmodSync(file, 0o600)
      utimesSync(file, 1_000, 1_000)
    }
    utimesSync(file, 1_000, 1_000)
  }
})
