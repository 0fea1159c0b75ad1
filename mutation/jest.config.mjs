/** The project of one package, as jest.config.mjs of the root declares it, for Stryker: it knows no projects. */
import { fileURLToPath } from 'node:url'
import root from '../jest.config.mjs'

const name = process.env.XAUTH_MUTATE_PACKAGE
const project = root.projects.find(({ displayName }) => displayName === name)
if (!project) throw new Error(`there is no package with tests called ${name}`)

export default {
  ...project,
  // By its place: Stryker wraps it, and looks for it beside jest, where pnpm has not put it.
  testEnvironment: fileURLToPath(import.meta.resolve('jest-environment-node')),
  // Looked through for each mutant again: what the tests load from elsewhere is found by its path.
  roots: [`<rootDir>/packages/${name}`],
  watchman: false,
  // Beyond every time-out of Stryker: what time decides is a time-out, and is run again, never a kill.
  testTimeout: 3_600_000,
}
