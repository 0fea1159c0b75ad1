import { run } from '../lib/npm.mjs'
import { weights } from '../lib/packages.mjs'
import { installedProject } from '../lib/project.mjs'

/** @typedef {{ driver: number, ours: number }} Times in milliseconds */

/**
 * Loads the driver and then the package, in a fresh process of a project that has both from tarballs.
 * @param {import('../lib/row.mjs').Context} context
 * @param {string} name
 */
async function measure({ shared, times }, name) {
  const best = (/** @type {(specifier: string) => string} */ load) =>
    Array.from({ length: times(3) }, () => timed(shared, name, load)).reduce(lesser)
  const required = best(
    (specifier) => `require('${specifier}')${specifier === name ? `.${weights[name]?.main}` : ''}`,
  )
  const imported = best((specifier) => `await import('${specifier}')`)
  return { required: required.ours, share: required.ours / required.driver, imported: imported.ours }
}

/** @param {Times} a @param {Times} b @returns {Times} */
function lesser(a, b) {
  return { driver: Math.min(a.driver, b.driver), ours: Math.min(a.ours, b.ours) }
}

/** @param {string} project @param {string} name @param {(specifier: string) => string} load @returns {Times} */
function timed(project, name, load) {
  const script = `(async () => {
    const start = performance.now()
    ${load('cassandra-driver')}
    const between = performance.now()
    ${load(name)}
    console.log(JSON.stringify({ driver: between - start, ours: performance.now() - between }))
  })()`
  return JSON.parse(run(process.execPath, ['--input-type=commonjs', '--eval', script], project))
}

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'Import time',
  about:
    "The time that loading a package adds after the driver is loaded: a fresh process for each time, the smallest of three in each repeat, in a project with the packages from tarballs. `require()` is measured with lines such as `const { PlainTextAuthProvider } = require('@x/auth-plaintext')`; `import()` loads everything that a package exports. The second column is the same value as a share of the driver's own time.",
  metrics: {
    required: { title: 'require()', unit: 'ms' },
    share: { title: "as a share of the driver's", unit: '' },
    imported: { title: 'import()', unit: 'ms' },
  },
  subjects: Object.fromEntries(
    Object.keys(weights).map((name) => [name, { title: name, measure: (context) => measure(context, name) }]),
  ),
  // The goals are shares, because milliseconds differ between machines.
  goals: Object.entries(weights).map(([subject, { importShare }]) => ({
    subject,
    metric: 'share',
    atMost: importShare,
  })),
  setUp: installedProject,
}
