/**
 * The results of the mutants: the numbers and the survivors of each file, which `summary.json` keeps, and the verdict.
 *
 * @typedef {import('./mutants.mjs').Identity & { reason: string }} EquivalentWithLine
 * @typedef {Omit<EquivalentWithLine, 'line'> & { line?: string }} Equivalent
 * @typedef {import('./mutants.mjs').Identity & { at: number, covered: boolean }} Survivor
 * @typedef {{ measured: string, killed: number, timedOut: number, notRun: number, survivors: Omit<Survivor, 'file'>[] }} FileOutcome
 * @typedef {{ files: Record<string, FileOutcome>, samples?: Record<string, import('./sample.mjs').Sample> }} Summary
 * @typedef {{ mutants: number, killed: number, timedOut: number, notRun: number, survived: number, uncovered: number, equivalent: number, score: number }} Score
 */

import { keyOf } from './mutants.mjs'

/** The statuses of a killed mutant. If a test file does not load, it has noticed the mutant. */
const dead = new Set(['Killed', 'RuntimeError', 'CompileError'])

/**
 * @param {readonly import('./stryker.mjs').Result[]} results of whole files
 * @param {string} measured the day
 * @returns {Record<string, FileOutcome>}
 */
export function outcomesOf(results, measured) {
  /** @type {Record<string, FileOutcome>} */
  const files = {}
  for (const { file, status, covered, ignored, start, ...mutant } of results) {
    files[file] ??= { measured, killed: 0, timedOut: 0, notRun: 0, survivors: [] }
    const outcome = files[file]
    if (ignored === 'static') outcome.notRun++
    else if (ignored) continue
    else if (dead.has(status)) outcome.killed++
    else if (status === 'Timeout') outcome.timedOut++
    else if (status === 'Survived' || status === 'NoCoverage') {
      const { mutator, original, replacement, line } = mutant
      outcome.survivors.push({ at: start.line, line, mutator, original, replacement, covered })
    } else throw new Error(`a mutant of ${file}:${start.line} has the status ${status}`)
  }
  return files
}

/**
 * @param {Summary} summary @param {readonly string[]} files
 * @param {readonly Equivalent[]} equivalents
 * @returns {Score}
 */
export function scoreOf(summary, files, equivalents) {
  const score = { mutants: 0, killed: 0, timedOut: 0, notRun: 0, survived: 0, uncovered: 0, equivalent: 0 }
  for (const file of files) {
    const outcome = summary.files[file]
    if (!outcome) continue
    score.killed += outcome.killed
    score.timedOut += outcome.timedOut
    score.notRun += outcome.notRun
    for (const survivor of outcome.survivors) {
      if (equivalents.some((entry) => isOf(entry, { file, ...survivor }))) score.equivalent++
      else if (survivor.covered) score.survived++
      else score.uncovered++
    }
  }
  const detected = score.killed + score.timedOut
  const asked = detected + score.survived + score.uncovered
  return {
    ...score,
    mutants: asked + score.equivalent,
    score: asked === 0 ? 100 : Math.floor((1000 * detected) / asked) / 10,
  }
}

/**
 * What is wrong with the list of equivalent mutants. In a file that was measured whole, an entry must match a survivor. In
 * any other file the code must still have its line, because a sample does not draw all mutants.
 *
 * @param {Summary} summary @param {readonly Equivalent[]} equivalents
 * @param {(file: string) => string} sourceOf the text of a file
 * @returns {string[]}
 */
export function wrongEquivalents(summary, equivalents, sourceOf) {
  return equivalents.flatMap((entry) => {
    const title = `${entry.file}: ${entry.original} → ${entry.replacement}`
    const problem = summary.files[entry.file] ? notInOutcome(entry, summary) : notInSource(entry, sourceOf)
    if (problem) return [`${title}: ${problem}`]
    return entry.reason ? [] : [`${title}: say why it is equivalent`]
  })
}

/** @param {Equivalent} entry @param {Summary} summary */
function notInOutcome(entry, { files }) {
  const matches = files[entry.file].survivors.filter((survivor) =>
    isOf(entry, { file: entry.file, ...survivor }),
  )
  if (matches.length === 0) return 'no such mutant survives; delete the entry'
  const lines = new Set(matches.map(({ line }) => line))
  return lines.size > 1 ? `${lines.size} lines have it; say which by 'line'` : undefined
}

/** @param {Equivalent} entry @param {(file: string) => string} sourceOf */
function notInSource({ file, line }, sourceOf) {
  if (line === undefined) return "the file was not measured whole; say the line by 'line'"
  const lines = sourceOf(file)
    .split('\n')
    .map((text) => text.trim())
  return lines.includes(line) ? undefined : 'the file has no such line; delete the entry'
}

/**
 * Counts a mutant as killed if it survived before and no longer does. If several mutants look the same, each must be
 * killed.
 *
 * @param {readonly (readonly [string, FileOutcome])[]} outcomes of the files; this function changes them
 * @param {readonly import('./stryker.mjs').Result[]} results @param {readonly Equivalent[]} equivalents
 * @returns {Survivor[]} what is left, without the equivalent ones
 */
export function retried(outcomes, results, equivalents) {
  const left = []
  for (const [file, outcome] of outcomes) {
    const survivors = []
    for (const survivor of outcome.survivors) {
      const its = results.filter((result) => isOf({ file, ...survivor }, result))
      if (its.length === 0 || its.some(({ status }) => !dead.has(status) && status !== 'Timeout'))
        survivors.push(survivor)
      else if (its.some(({ status }) => status === 'Timeout')) outcome.timedOut++
      else outcome.killed++
    }
    outcome.survivors = survivors
    const asked = survivors.map((survivor) => ({ file, ...survivor }))
    left.push(...asked.filter((survivor) => !equivalents.some((entry) => isOf(entry, survivor))))
  }
  return left
}

/**
 * The new survivors of a run: they are neither equivalent nor in the summary.
 *
 * @param {readonly Survivor[]} survivors @param {Summary} summary @param {readonly Equivalent[]} equivalents
 */
export function newSurvivors(survivors, summary, equivalents) {
  return survivors.filter(
    (survivor) =>
      !equivalents.some((entry) => isOf(entry, survivor)) &&
      !summary.files[survivor.file]?.survivors.some((known) =>
        isOf({ file: survivor.file, ...known }, survivor),
      ),
  )
}

/**
 * Sorts the requested mutants: those that ran and were noticed, the new survivors, and how many did not run because Stryker skips them or did not
 * make them. A mutant that did not run has not passed.
 *
 * @param {readonly import('./mutants.mjs').Identity[]} asked @param {readonly import('./stryker.mjs').Result[]} results
 * @param {Summary} summary @param {readonly Equivalent[]} equivalents
 */
export function verdictOf(asked, results, summary, equivalents) {
  const keys = new Set(asked.map(keyOf))
  const ran = results.filter((result) => keys.has(keyOf(result)) && !result.ignored)
  const survivors = Object.entries(outcomesOf(ran, '')).flatMap(([file, { survivors: left }]) =>
    left.map((survivor) => ({ file, ...survivor })),
  )
  const fresh = newSurvivors(survivors, summary, equivalents)
  const answered = new Set(ran.map(keyOf))
  return {
    passed: ran.length - fresh.length,
    fresh,
    notRun: asked.filter((mutant) => !answered.has(keyOf(mutant))).length,
  }
}

/** @param {Omit<Equivalent, 'reason'>} entry @param {import('./mutants.mjs').Identity} mutant */
export function isOf({ file, mutator, original, replacement, line }, mutant) {
  return (
    file === mutant.file &&
    mutator === mutant.mutator &&
    original === mutant.original &&
    replacement === mutant.replacement &&
    (line === undefined || line === mutant.line)
  )
}
