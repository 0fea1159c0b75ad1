/** Runs the function itself, and the single file that docs/recipes.md makes of it, in a folder without node_modules. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { region, withLocalAws } from '../keyspaces-local/local.mjs'

const here = import.meta.dirname
const folder = mkdtempSync(join(tmpdir(), 'lambda-'))
try {
  await invokes(await import('./handler.mjs'))
  await invokes(await import(pathToFileURL(bundled())))
} finally {
  rmSync(folder, { recursive: true })
}

/** Bundles with the command of the recipe. */
function bundled() {
  const recipe = readFileSync(join(here, '../../docs/recipes.md'), 'utf8')
  const [, options = ''] = /^npx esbuild (handler\.mjs .*--outfile=)handler\.cjs$/m.exec(recipe) ?? []
  const file = join(folder, 'handler.cjs')
  execFileSync(join(here, 'node_modules/.bin/esbuild'), `${options}${file} --log-level=error`.split(' '), {
    cwd: here,
  })
  return file
}

async function invokes({ handler, local, stop }) {
  await withLocalAws(async ({ keys, options, server, requests }) => {
    Object.assign(local, options)
    const principal = 'arn:aws:sts::123456789012:assumed-role/orders-function/session'
    const { accessKeyId, secretAccessKey, sessionToken } = keys.issue({ principal })
    Object.assign(process.env, {
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    })
    assert.deepEqual(await handler(), { statusCode: 200, body: 'local' })
    const logins = server.logins.length
    assert.deepEqual(await handler(), { statusCode: 200, body: 'local' })
    // The second invocation opened no connection and requested no credentials.
    assert.equal(server.logins.length, logins)
    assert.equal(server.logins[0].username, principal)
    assert.equal(requests.length, 0)
    await stop()
  })
}
