/**
 * The project of one package, from jest.config.mjs of the root. Stryker does not support projects, so it gets this one
 * alone.
 */
import { fileURLToPath } from 'node:url'
import root from '../jest.config.mjs'

const name = process.env.XAUTH_MUTATE_PACKAGE
const project = root.projects.find(({ displayName }) => displayName === name)
if (!project) throw new Error(`there is no package with tests called ${name}`)

export default {
  ...project,
  testEnvironment: fileURLToPath(new URL('lib/fail-fast-environment.cjs', import.meta.url)),
  // Jest searches these folders again for each mutant. What the tests load from elsewhere is found by its path.
  roots: [`<rootDir>/packages/${name}`],
  watchman: false,
  // A test that takes longer counts as a time-out, and runs again with more time: lib/jest-by-file.mjs.
  testTimeout: Number(process.env.XAUTH_MUTATE_TEST_MS),
}
