/**
 * The environments in which our packages must log in. The table of the README, the run and its check all use this list.
 *
 * `install`: what the application installs in addition to our packages. `manager`: the package manager, by default npm.
 * `runtime`: the npm package with the program that runs the application, by default the Node.js of the run. `command`: the
 * arguments of that program. The smoke test prints JSON; a test runner reports by its exit code. `ci`: also part of CI.
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
