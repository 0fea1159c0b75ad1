/**
 * Where our packages must log in: the one list from which the table of the README, the run and its check derive.
 *
 * `install`: what the application installs beside our packages. `manager`: who installs, npm where nothing is said.
 * `runtime`: the package that carries the program that runs it, else the Node.js of the run. `command`: its arguments; the
 * smoke prints JSON, and a test runner says by its exit code. `ci`: also in CI.
 */
const driver = (version, runtime = 'node@22') => ({
  title: `cassandra-driver ${version}`,
  install: [`cassandra-driver@${version}`],
  // Before 4.8 the driver does not start on Node.js 23 and later.
  runtime,
})

export const environments = [
  { title: 'Node.js 20', runtime: 'node@20' },
  { title: 'Node.js 22', runtime: 'node@22' },
  { title: 'Node.js 24', runtime: 'node@24' },
  { title: 'Node.js 26', runtime: 'node@26' },
  { title: 'Bun', runtime: 'bun@1.4.5' },
  {
    title: 'Deno',
    runtime: 'deno@2.9.6',
    command: ['run', '--allow-all', '--node-modules-dir=manual', 'run.mjs'],
  },
  driver('4.6.4'),
  driver('4.7.2'),
  driver('4.8.0'),
  driver('4.9.0'),
  driver('4.10.0', 'node@26'),
  { title: 'pnpm, strict', manager: 'pnpm', ci: true },
  { title: 'Yarn PnP', manager: 'yarn' },
  {
    title: 'jest',
    install: ['jest@30.5.2'],
    command: ['node_modules/jest/bin/jest.js', 'smoke.test.cjs'],
  },
  {
    title: 'vitest',
    install: ['vitest@4.1.12'],
    command: ['node_modules/vitest/vitest.mjs', 'run', 'vitest.test.mjs'],
  },
  { title: 'node:test', command: ['--test', 'node.test.mjs'], ci: true },
]
