/**
 * Mutants that are written into a copy of the repository. Stryker keeps a mutant in the process of its jest runner, so it does not see what a child process
 * of a test does, nor the tests of other packages.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from '@swc/core'
import { testTools } from '../../scripts/test-tools.mjs'
import { packageOf } from './places.mjs'
import { root } from './repository.mjs'

const copy = join(root, '.cache/mutation/written')
const left = new Set(['.cache', '.git', '.turbo', 'node_modules'])
const withoutScope = testTools.map((name) => name.slice(name.indexOf('/') + 1))

/**
 * Runs each mutant with all tests of its package, and a mutant of a test tool also with the tests of other packages that load its
 * file.
 *
 * @param {string} name of the package @param {readonly import('./stryker.mjs').Result[]} mutants
 * @returns {import('./stryker.mjs').Result[]}
 */
export function runWritten(name, mutants) {
  if (!mutants.every(({ file }) => packageOf(file) === name)) throw new Error(`not all are of ${name}`)
  makeCopy()
  for (const tests of testsOf(name, [...new Set(mutants.map(({ file }) => file))])) {
    const { status, output } = jest(tests)
    if (status !== 0)
      throw new Error(`without a mutant, the tests of ${name} fail in a copy of the repository:\n${output}`)
  }
  return mutants.map((mutant) => {
    const path = join(copy, mutant.file)
    const before = readFileSync(path, 'utf8')
    writeFileSync(path, withMutant(before, mutant))
    try {
      const alive = testsOf(name, [mutant.file]).every((tests) => jest([...tests, '--bail']).status === 0)
      console.log(
        `${alive ? 'survived' : 'killed'}: ${mutant.file}:${mutant.start.line} ${mutant.original} → ${mutant.replacement}`,
      )
      return { ...mutant, status: alive ? 'Survived' : 'Killed', covered: mutant.covered }
    } finally {
      writeFileSync(path, before)
    }
  })
}

/**
 * @param {string} source @param {import('./mutants.mjs').Mutant} mutant
 * @returns {string} the source with the mutant
 */
export function withMutant(source, { file, start, end, original, replacement }) {
  const lines = source.split('\n')
  const at = (/** @type {import('./mutants.mjs').Position} */ { line, column }) =>
    lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0) + column - 1
  const found = source.slice(at(start), at(end))
  if (found.replace(/\s+/g, ' ').trim() !== original) throw new Error(`${file}:${start.line} has changed`)
  const mutated = source.slice(0, at(start)) + replacement + source.slice(at(end))
  return parses(mutated) ? mutated : source
}

/**
 * A replacement is on one line, so statements in it may not parse. Such a mutant is not written and stays a survivor.
 *
 * @param {string} source
 */
function parses(source) {
  try {
    parseSync(source, { syntax: 'typescript', target: 'es2022' })
    return true
  } catch {
    return false
  }
}

function makeCopy() {
  rmSync(copy, { recursive: true, force: true })
  mkdirSync(copy, { recursive: true })
  for (const name of readdirSync(root)) {
    if (left.has(name)) continue
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !left.has(path.slice(path.lastIndexOf('/') + 1)),
    })
  }
  link('.')
  for (const name of readdirSync(join(root, 'packages'))) link(join('packages', name))
}

/** @param {string} folder */
function link(folder) {
  symlinkSync(join(root, folder, 'node_modules'), join(copy, folder, 'node_modules'))
}

/** @param {string} name @param {readonly string[]} files @returns {string[][]} arguments of jest, for each of its runs */
function testsOf(name, files) {
  const own = ['--selectProjects', name]
  if (!withoutScope.includes(name)) return [own]
  const others = readdirSync(join(copy, 'packages')).filter((other) => other !== name)
  return [own, ['--selectProjects', ...others, '--findRelatedTests', ...files, '--passWithNoTests']]
}

/** @param {readonly string[]} args */
function jest(args) {
  const bin = join(copy, 'node_modules/jest/bin/jest.js')
  const { status, stderr } = spawnSync(process.execPath, [bin, ...args, '--forceExit', '--silent'], {
    cwd: copy,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 30 * 60_000,
  })
  return { status, output: stderr.slice(-4000) }
}
