/** Where AWS says that Keyspaces is: botocore, from PyPI, carries the list that its other tools use. */
import { fileURLToPath } from 'node:url'
import { pythonWith, run } from '../lib/installed.mjs'

/** The version that `vectors/sigv4-endpoints.json` names. */
const botocore = 'botocore==1.44.8'

/** @typedef {{ region: string, host: string, fipsHost?: string }} Endpoint */

/** @returns {Promise<{ cases: Endpoint[], without: string[] }>} */
export async function endpointsOfAws() {
  const python = await pythonWith('botocore', [botocore])
  return JSON.parse(await run(python, [fileURLToPath(new URL('endpoints.py', import.meta.url))]))
}
