/** Our tests with the driver that UPSTREAM_DRIVER names, instead of the installed one. */
import config from '../jest.config.mjs'

const driver = process.env['UPSTREAM_DRIVER']
if (!driver) throw new Error('run upstream/run.mjs, which makes the copies of the driver')

const [{ displayName: _, testMatch: __, ...base }] = config.projects
const moduleNameMapper = { ...base.moduleNameMapper, '^cassandra-driver$': driver }

/** @type {import('jest').Config} */
export default {
  testTimeout: config.testTimeout,
  maxWorkers: config.maxWorkers,
  projects: [
    {
      ...base,
      displayName: 'changes',
      testMatch: ['<rootDir>/upstream/test/**/*.test.ts'],
      moduleNameMapper,
    },
    {
      ...base,
      displayName: 'contract',
      testMatch: ['<rootDir>/packages/*/test/contract/**/*.test.ts'],
      moduleNameMapper,
    },
  ],
}
