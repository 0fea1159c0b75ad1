/** AWS's own list of the endpoints of Keyspaces: botocore, from PyPI, contains the list that AWS's tools use. */
import { fileURLToPath } from 'node:url'
import { pythonWith, run } from '../lib/installed.mjs'

/** `vectors/sigv4-endpoints.json` names the same version. */
const botocore = 'botocore==1.44.8'

/** @typedef {{ region: string, host: string, fipsHost?: string }} Endpoint */

/** @returns {Promise<{ cases: Endpoint[], without: string[] }>} */
export async function endpointsOfAws() {
  const python = await pythonWith('botocore', [botocore])
  return JSON.parse(await run(python, [fileURLToPath(new URL('endpoints.py', import.meta.url))]))
}
