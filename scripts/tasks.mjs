/** Task name → the steps to run, each a script below the repository's root with its arguments. */
const turbo = (...args) => [
  'node_modules/turbo/bin/turbo',
  'run',
  ...args,
  '--output-logs=errors-only',
  '--no-update-notifier',
]
const colours = process.stdout.isTTY ? 'force' : 'off'
const biome = (...args) => ['node_modules/@biomejs/biome/bin/biome', ...args, `--colors=${colours}`]
const build = turbo('build')

export const tasks = {
  test: [['scripts/run-jest.mjs']],
  build: [build],
  typecheck: [turbo('typecheck')],
  lint: [biome('ci', '--error-on-warnings', '.')],
  format: [biome('check', '--write', '.')],
  demo: [build, ['examples/demo/demo.mjs']],
  'check:packages': [build, ['scripts/check-packages.mjs']],
  'check:drill': [['scripts/drill.mjs']],
  'check:examples': [build, ['scripts/run-examples.mjs']],
  conformance: [build, ['interop/sasl/lying-table.mjs'], ['scripts/conformance-table.mjs']],
  'check:conformance': [
    build,
    ['interop/sasl/lying-table.mjs', '--check'],
    ['scripts/conformance-table.mjs', '--check'],
  ],
  docs: [build, ['scripts/docs.mjs']],
  'check:docs': [build, ['scripts/docs.mjs', '--check']],
  'test:upstream': [['upstream/run.mjs']],
  'test:interop': [build, ['interop/run.mjs']],
  bench: [build, ['bench/run.mjs']],
}
