import { run } from '../lib/npm.mjs'
import { installedProject, installedSize } from '../lib/project.mjs'
import { awsPlugin } from '../lib/sigv4.mjs'

const driver = 'cassandra-driver'

/**
 * @param {import('../lib/row.mjs').Context} context
 * @param {'project' | 'plugin'} where
 * @param {string} name
 */
async function measure({ shared, times }, where, name) {
  const loads = Array.from({ length: times(3) }, () => loadTime(shared[where], name))
  return { required: Math.min(...loads), size: installedSize(shared[where], name, driver) / 1_000_000 }
}

/** @param {string} folder @param {string} name */
function loadTime(folder, name) {
  const script = `require('${driver}'); const start = performance.now(); require('${name}'); console.log(performance.now() - start)`
  return Number(run(process.execPath, ['--input-type=commonjs', '--eval', script], folder))
}

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'SigV4: weight',
  about:
    'The time that require() adds after the driver is loaded (a fresh process, the smallest of three in each repeat), and the size on disk, in whole blocks, with all dependencies except the driver; from packed tarballs.',
  metrics: {
    required: { title: 'require()', unit: 'ms' },
    size: { title: 'on disk', unit: 'MB' },
  },
  subjects: {
    ours: {
      title: '@x/auth-sigv4',
      measure: (context) => measure(context, 'project', '@x/auth-sigv4'),
    },
    aws: {
      title: "AWS's plugin for Node.js, 1.0.5",
      measure: (context) => measure(context, 'plugin', 'aws-sigv4-auth-cassandra-plugin'),
    },
  },
  goals: [
    { subject: 'ours', metric: 'required', atMost: 10 },
    { subject: 'ours', metric: 'size', atMost: 20 },
  ],
  setUp: async () => ({ info: { project: (await installedProject()).info, plugin: awsPlugin() } }),
}
