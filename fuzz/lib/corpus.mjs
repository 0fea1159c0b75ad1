/**
 * The inputs that are kept. Each input in `corpus/` reaches code that no other input reaches. Each input in `finds/`
 * once caused a fault.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

/** The limit for each target. It is small, so that a run starts quickly and the repository stays small. */
const most = 120
const mostBytes = 4_096

/** @param {'corpus' | 'finds'} kind @param {string} target */
const folderOf = (kind, target) => new URL(`../${kind}/${target}/`, import.meta.url)

/** @param {string} target @returns {Buffer[]} */
export function readCorpus(target) {
  return ['finds', 'corpus'].flatMap((kind) => {
    const folder = folderOf(/** @type {'finds'} */ (kind), target)
    if (!existsSync(folder)) return []
    return readdirSync(folder)
      .sort()
      .map((name) => readFileSync(new URL(name, folder)))
  })
}

/** Replaces the corpus of a target. @param {string} target @param {readonly Buffer[]} inputs the most useful first */
export function writeCorpus(target, inputs) {
  const folder = folderOf('corpus', target)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const kept = inputs.filter(({ length }) => length <= mostBytes).slice(0, most)
  for (const input of kept) writeFileSync(new URL(nameOf(input), folder), input)
  return kept.length
}

/** Returns the name of the file. @param {string} target @param {Buffer} input */
export function writeFind(target, input) {
  const folder = folderOf('finds', target)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(nameOf(input), folder), input)
  return `fuzz/finds/${target}/${nameOf(input)}`
}

/** @param {Buffer} input */
function nameOf(input) {
  return createHash('sha256').update(input).digest('hex').slice(0, 16)
}
