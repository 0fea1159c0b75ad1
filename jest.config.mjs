/**
 * One jest for the whole repository: a project for each package, on source (no build needed), and one more
 * for each older version of the driver that we promise to work with (`test/contract` of every package).
 */
import { existsSync, readdirSync } from 'node:fs'

// The AWS SDK warns on Node.js 20 that it will leave it (docs/releases.md says when). We know, and each worker would print it. This is
// the SDK's own switch, set for our tests only: the packages leave the warning to the users.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'

const drivers = ['4.6.4', '4.7.2', '4.8.0']

/** Of ES modules alone, which jest cannot load: made CommonJS as our own sources are. */
const esModules = '(?:openid-client|oauth4webapi|jose)'

const swc = (syntax) => [
  '@swc/jest',
  {
    jsc: { parser: { syntax }, target: 'es2022' },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  },
]

const base = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  transform: {
    '^.+\\.[cm]?tsx?$': swc('typescript'),
    [`/node_modules/${esModules}/.+\\.js$`]: swc('ecmascript'),
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:\\.pnpm/[^/]+/node_modules/)?${esModules}/)`],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^@x/([^/]+)$': '<rootDir>/packages/$1/src/index.ts',
    '^@x/([^/]+)/(?!package\\.json)(.+)$': '<rootDir>/packages/$1/src/$2.ts',
  },
  moduleFileExtensions: ['ts', 'mts', 'js', 'mjs', 'cjs', 'json'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/fixtures/'],
  // Copies of the repository, such as that of npm run mutate.
  modulePathIgnorePatterns: ['<rootDir>/.cache/'],
}

const packages = readdirSync(new URL('packages', import.meta.url))
  .filter((name) => existsSync(new URL(`packages/${name}/test`, import.meta.url)))
  .sort()

/** @type {import('jest').Config} */
export default {
  // Ends what hangs; a busy machine needs far longer than a quiet one for what does not.
  testTimeout: 120_000,
  maxWorkers: 2,
  projects: [
    ...packages.map((name) => ({
      ...base,
      displayName: name,
      testMatch: [`<rootDir>/packages/${name}/test/**/*.test.ts`],
    })),
    ...drivers.map((version) => ({
      ...base,
      displayName: `driver ${version}`,
      testMatch: ['<rootDir>/packages/*/test/contract/**/*.test.ts'],
      moduleNameMapper: { ...base.moduleNameMapper, '^cassandra-driver$': `driver-${version}` },
    })),
  ],
}
