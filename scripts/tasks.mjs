/** Maps a task to its steps. `command` is a script below the repository's root, with its arguments. */
const script = (...command) => ({ command })
const turbo = (title, ...args) => ({
  title,
  command: [
    'node_modules/turbo/bin/turbo',
    'run',
    ...args,
    '--output-logs=errors-only',
    '--no-update-notifier',
  ],
})
const colours = process.stdout.isTTY ? 'force' : 'off'
const biome = (...args) => script('node_modules/@biomejs/biome/bin/biome', ...args, `--colors=${colours}`)
const build = turbo('Building the packages', 'build')
/** Builds only what one workspace needs. */
const buildFor = (workspace) => turbo('Building the packages', 'build', `--filter=${workspace}...`)

export const tasks = {
  test: [script('scripts/run-jest.mjs')],
  build: [build],
  typecheck: [turbo('Checking the types', 'typecheck')],
  lint: [biome('ci', '--error-on-warnings', '.'), script('scripts/prose.mjs')],
  format: [script('scripts/prose.mjs', '--write'), biome('check', '--write', '.')],
  demo: [buildFor('example-demo'), script('examples/demo/demo.mjs')],
  'check:first-contact': [build, script('scripts/check-first-contact.mjs')],
  'check:packages': [build, script('scripts/check-packages.mjs')],
  newcomer: [build, script('scripts/newcomer.mjs')],
  compat: [build, script('scripts/compat.mjs')],
  'check:workflows': [script('scripts/check-workflows.mjs')],
  rename: [script('scripts/rename.mjs')],
  'check:rename': [script('scripts/check-rename.mjs')],
  'check:drill': [script('scripts/drill.mjs')],
  'check:examples': [build, script('scripts/run-examples.mjs')],
  conformance: [build, script('interop/sasl/lying-table.mjs'), script('scripts/conformance-table.mjs')],
  'check:conformance': [
    build,
    script('interop/sasl/lying-table.mjs', '--check'),
    script('scripts/conformance-table.mjs', '--check'),
  ],
  docs: [build, script('scripts/docs.mjs')],
  'check:docs': [build, script('scripts/docs.mjs', '--check')],
  'docs:site': [script('scripts/site.mjs')],
  'check:site': [script('scripts/site.mjs'), script('scripts/check-site.mjs')],
  'test:upstream': [script('upstream/run.mjs')],
  'test:matrix': [script('scripts/matrix.mjs')],
  'test:storm': [script('scripts/storm.mjs')],
  'test:interop': [build, script('interop/run.mjs')],
  soak: [build, script('interop/soak/run.mjs')],
  bench: [build, script('bench/run.mjs')],
  fuzz: [build, script('fuzz/run.mjs')],
  mutate: [script('mutation/run.mjs')],
  'release:version': [script('node_modules/@changesets/cli/bin.js', 'version')],
  'release:publish': [build, script('node_modules/@changesets/cli/bin.js', 'publish')],
}
