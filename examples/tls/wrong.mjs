/** What a program can say when TLS fails. */
import { strict as assert } from 'node:assert'
import { explainTlsError, TlsError, verifyServer } from '@x/tls-profiles'
import cassandra from 'cassandra-driver'
import { createAuthority } from '../certificates/lib/authority.mjs'
import { withCluster } from './lib/cluster.mjs'

await withCluster(async ({ contactPoint }) => {
  const ca = (await createAuthority({ name: 'Another CA' })).certificate
  const codes = []
  // #region explain
  const sslOptions = verifyServer({ ca })
  const client = new cassandra.Client({
    contactPoints: [contactPoint],
    localDataCenter: 'datacenter1',
    sslOptions,
  })
  try {
    await client.connect()
  } catch (error) {
    const diagnosis = explainTlsError(error, sslOptions)
    if (!diagnosis) throw error
    console.error(diagnosis.text)
    codes.push(diagnosis.code) // 'UNKNOWN_CA'
  }
  // #endregion explain
  await client.shutdown()
  assert.deepEqual(codes, ['UNKNOWN_CA'])
})

// A node without a version of TLS in common with this client.
await withCluster(
  async ({ contactPoint, authority }) => {
    const codes = []
    const sslOptions = verifyServer({ ca: authority.certificate, minVersion: 'TLSv1.3' })
    const client = new cassandra.Client({
      contactPoints: [contactPoint],
      localDataCenter: 'datacenter1',
      sslOptions,
    })
    // #region watch
    client.on('log', (level, _className, message, error) => {
      const diagnosis = level === 'warning' ? explainTlsError(error, sslOptions) : undefined
      if (!diagnosis) return
      console.error(message, diagnosis.text)
      codes.push(diagnosis.code) // 'NO_COMMON_VERSION'
    })
    // #endregion watch
    await assert.rejects(client.connect())
    await client.shutdown()
    assert.deepEqual([...new Set(codes)], ['NO_COMMON_VERSION'])
  },
  { tls: { maxVersion: 'TLSv1.2' } },
)

assert.throws(
  () => verifyServer({ ca: '/etc/no-such-file.pem' }),
  (error) =>
    error instanceof TlsError && error.code === 'FILE_MISSING' && error.file === '/etc/no-such-file.pem',
)
