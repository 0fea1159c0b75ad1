/** How a change of a file, or of a folder of files, is told without reading it. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { stampOf } from '../../src/lib/secrets/file-snapshot.js'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'x-auth-stamp-'))
  file = join(folder, 'password')
  writeFileSync(file, 'first')
  utimesSync(file, 1_000, 1_000)
})
afterEach(() => rmSync(folder, { recursive: true }))

const stamp = (path: string, names?: readonly string[]) => stampOf({ path, name: path }, names)

describe.each(['a file', 'a folder'])('the stamp of %s', (what) => {
  const path = () => (what === 'a file' ? file : folder)

  test('stays the same as long as nothing changes', async () => {
    expect(await stamp(path())).toBe(await stamp(path()))
  })

  test.each<[string, () => void]>([
    ['is written in place with as many bytes', () => writeAt(2_000)],
    ['is written in place, a microsecond after the last time', () => writeAt(1_000.000001)],
    ['grows, at the same time of day', () => append()],
    ['is another one, of the same size and time', () => replace()],
    ['changes, and has its time set back', () => setBack()],
  ])('tells that what is there %s', async (_, change) => {
    const before = await stamp(path())
    change()
    expect(await stamp(path())).not.toBe(before)
  })
})

describe('the stamp of a folder', () => {
  const other = () => join(folder, 'other')
  const before = async (names?: readonly string[]) => {
    writeFileSync(other(), 'x')
    return stamp(folder, names)
  }

  test('tells that a file is new, and that it is gone', async () => {
    const one = await stamp(folder)
    const two = await before()
    expect(two).not.toBe(one)
    rmSync(other())
    expect(await stamp(folder)).toBe(one)
  })

  test('tells that a file has another name', async () => {
    const first = await before()
    renameSync(other(), `${other()}.2`)
    expect(await stamp(folder)).not.toBe(first)
  })

  test('is not moved by what no field names, by dot files and by folders', async () => {
    const first = await before([basename(file)])
    writeFileSync(other(), 'changed')
    writeFileSync(join(folder, '.editor'), 'x')
    mkdirSync(join(folder, 'below'))
    expect(await stamp(folder, [basename(file)])).toBe(first)
  })

  test('is not moved by a file that is too large for a field, unless it is named', async () => {
    const large = (bytes: number) => writeFileSync(other(), 'x'.repeat(bytes))
    large(65_537)
    const without = await stamp(folder)
    rmSync(other())
    expect(await stamp(folder)).toBe(without)
    large(65_536)
    expect(await stamp(folder)).not.toBe(without)
    const named = [basename(file), 'other']
    large(65_537)
    const first = await stamp(folder, named)
    large(65_538)
    expect(await stamp(folder, named)).not.toBe(first)
  })

  test.each([
    [256, undefined],
    [257, 'SOURCE_FAILED'],
  ])('%i files', async (count, code) => {
    for (let index = 1; index < count; index++) writeFileSync(join(folder, String(index)), '')
    const error = await stamp(folder).then(
      () => undefined,
      (reason) => reason.code,
    )
    expect(error).toBe(code)
    // Those that no field names are not counted.
    await stamp(folder, [basename(file)])
  })

  test.each([
    [1_048_576, undefined],
    [1_048_577, 'SOURCE_FAILED'],
  ])('a file of %i bytes', async (size, code) => {
    writeFileSync(file, Buffer.alloc(size))
    const error = await stamp(file).then(
      () => undefined,
      (reason) => reason.code,
    )
    expect(error).toBe(code)
  })
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
  const next = `${file}.new`
  writeFileSync(next, 'other')
  utimesSync(next, 1_000, 1_000)
  renameSync(next, file)
}
/** Its time of change moves with the clock of the file system, which may stand still for a moment. */
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
