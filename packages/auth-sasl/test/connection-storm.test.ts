import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The long one: npm run test:storm */
test('a storm of connections that break and come back: none takes the record of another', async () => {
  const script = join(__dirname, '../../../scripts/storm.mjs')
  const { stdout } = await promisify(execFile)(process.execPath, [script, '300'])
  const [, logins, reconnects] = /^(\d+) logins, (\d+) on new connections.* 0 wrong;/m.exec(stdout) ?? []
  expect(Number(logins)).toBeGreaterThanOrEqual(300)
  expect(Number(reconnects)).toBeGreaterThan(50)
  expect(stdout).toMatch(/^3 passed, 0 failed\n$/m)
}, 120_000)
