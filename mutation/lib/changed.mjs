/** The mutants in the lines that a change touches, but no more than a stage of CI has time for. */
import { sample } from '../areas.mjs'
import { mutantsOf } from './mutants.mjs'
import { filesOfAreas } from './places.mjs'
import { git } from './repository.mjs'

/** A number of mutants, not of seconds: what is tested must not depend on the machine. */
const most = 24

/**
 * @param {string | undefined} wanted the commit to compare with
 * @param {(file: string) => boolean} isMeasured whether the summary has the file; without that, nobody can say which survivor is new
 * @returns {Promise<{ why: string, mutants: import('./mutants.mjs').Mutant[], unmeasured: string[] }>}
 */
export async function changedMutants(wanted, isMeasured) {
  const base = wanted === undefined ? usualBase() : commit(wanted)
  if (wanted !== undefined && !base) throw new Error(`git does not know the commit ${wanted}`)
  const touched = base ? await touchedMutants(base) : []
  const judged = touched.filter(({ file }) => isMeasured(file))
  const unmeasured = [...new Set(touched.map(({ file }) => file))].filter((file) => !isMeasured(file))
  if (judged.length > 0) {
    const why = `of the lines changed since ${base?.slice(0, 8)} that decide a login`
    return { ...bounded(judged, why), unmeasured }
  }
  const because = base
    ? 'no measured line that decides a login has changed'
    : 'git has no commit to compare with'
  return { ...(await sampleMutants(because)), unmeasured }
}

/** A fallback that always has mutants that run. @param {string} because */
export async function sampleMutants(because) {
  return bounded(await mutantsOf(sample), `of ${sample}, because ${because}`)
}

/** @param {string} base */
async function touchedMutants(base) {
  const found = []
  for (const file of filesOfAreas().keys()) {
    const lines = changedLines(base, file)
    if (lines.length === 0) continue
    const mutants = await mutantsOf(file)
    found.push(
      ...mutants.filter(({ start, end }) => lines.some(([from, to]) => start.line >= from && end.line <= to)),
    )
  }
  return found
}

/** @param {readonly import('./mutants.mjs').Mutant[]} mutants @param {string} why */
export function bounded(mutants, why, limit = most) {
  if (mutants.length <= limit) return { why: `all ${mutants.length} mutants ${why}`, mutants: [...mutants] }
  const chosen = Array.from(
    { length: limit },
    (_, index) => mutants[Math.floor((index * mutants.length) / limit)],
  )
  return { why: `${limit} of ${mutants.length} mutants ${why}`, mutants: chosen }
}

/** @param {string} base @param {string} file @returns {[number, number][]} first and last line of each change */
function changedLines(base, file) {
  if (!git('ls-files', '--error-unmatch', file).ok) return [[1, Number.POSITIVE_INFINITY]]
  return hunksOf(git('diff', '--no-renames', '--no-color', '--no-ext-diff', '-U0', base, '--', file).stdout)
}

/** @param {string} diff @returns {[number, number][]} */
export function hunksOf(diff) {
  return [...diff.matchAll(/^@@ -\S+ \+(\d+)(?:,(\d+))? @@/gm)]
    .map(([, start, count = '1']) => [Number(start), Number(start) + Number(count) - 1])
    .filter(([from, to]) => to >= from)
    .map(([from, to]) => [from, to])
}

/** The commit where the branch left the default one. On the default branch it is the previous commit. */
function usualBase() {
  const head = commit('HEAD')
  for (const name of ['origin/HEAD', 'origin/main', 'main']) {
    if (!commit(name)) continue
    const base = git('merge-base', 'HEAD', name).stdout.trim()
    if (base && base !== head) return base
  }
  return commit('HEAD~1')
}

/** @param {string} name */
function commit(name) {
  return git('rev-parse', '--verify', '--quiet', `${name}^{commit}`).stdout.trim() || undefined
}
