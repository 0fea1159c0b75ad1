/** A handshake that fails: what of it can be seen, and where. */
import { Client } from 'cassandra-driver'
import { explainTlsError, verifyServer } from '../src/index.js'
import { type Authority, createAuthority } from './support/certificates.js'
import { closeAll, tlsServer } from './support/servers.js'

let authority: Authority
beforeAll(async () => {
  authority = await createAuthority('The CA')
})
afterEach(closeAll)

test('without a version in common, the log of the driver has the reason, and the node', async () => {
  const old = await tlsServer({ ...(await authority.issue()), maxVersion: 'TLSv1.2' })
  const sslOptions = verifyServer({ ca: authority.cert, minVersion: 'TLSv1.3' })
  const client = new Client({
    contactPoints: [`127.0.0.1:${old.port}`],
    localDataCenter: 'dc1',
    sslOptions,
    pooling: { heartBeatInterval: 0 },
  })
  const reasons: unknown[] = []
  client.on('log', (level, _className, message, error) => {
    if (level === 'warning') reasons.push([message, explainTlsError(error, sslOptions)?.code])
  })
  await expect(client.connect()).rejects.toThrow()
  await client.shutdown()
  expect(reasons).toContainEqual([expect.stringContaining(`127.0.0.1:${old.port}`), 'NO_COMMON_VERSION'])
})
