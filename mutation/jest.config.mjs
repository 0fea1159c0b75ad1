/** The project of one package, as jest.config.mjs of the root declares it, for Stryker: it knows no projects. */
import { fileURLToPath } from 'node:url'
import root from '../jest.config.mjs'

const name = process.env.XAUTH_MUTATE_PACKAGE
const project = root.projects.find(({ displayName }) => displayName === name)
if (!project) throw new Error(`there is no package with tests called ${name}`)

export default {
  ...project,
  testEnvironment: fileURLToPath(new URL('lib/fail-fast-environment.cjs', import.meta.url)),
  // Looked through for each mutant again: what the tests load from elsewhere is found by its path.
  roots: [`<rootDir>/packages/${name}`],
  watchman: false,
  // What this decides counts as a time-out, and is run again with more of it: lib/jest-by-file.mjs.
  testTimeout: Number(process.env.XAUTH_MUTATE_TEST_MS),
}
