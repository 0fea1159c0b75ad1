/** A CA and a client certificate are renewed while a client works. */
import { strict as assert } from 'node:assert'
import { subscribe } from 'node:diagnostics_channel'
import { rename, writeFile } from 'node:fs/promises'
import { mutual } from '@x/tls-profiles'
import cassandra from 'cassandra-driver'
import { withCluster } from './lib/cluster.mjs'

await withCluster(
  async ({ contactPoint, path, authority }) => {
    // #region rotation
    const sslOptions = mutual({ ca: path('rootca.crt'), cert: path('client.crt'), key: path('client.key') })

    subscribe('tracing:@x/tls:rotation:error', ({ error }) => {
      console.warn('the new TLS files were refused, the old ones stay in use:', error.message)
    })
    subscribe('@x/tls:expiry', ({ certificate, expired }) => {
      console.warn(certificate.name, expired ? 'has expired' : 'expires soon', certificate.validTo)
    })
    // #endregion rotation
    const rotated = new Promise((resolve) => {
      subscribe('tracing:@x/tls:rotation:asyncEnd', ({ outcome }) => outcome === 'rotated' && resolve())
    })
    const client = new cassandra.Client({
      contactPoints: [contactPoint],
      localDataCenter: 'datacenter1',
      sslOptions,
    })
    await client.connect()

    const renewed = await authority.issue({ commonName: 'renewed', purpose: 'client' })
    for (const [name, contents] of [
      ['client.crt', renewed.certificate],
      ['client.key', renewed.key],
    ]) {
      await writeFile(path(`${name}.new`), contents)
      await rename(path(`${name}.new`), path(name))
    }
    await rotated
    assert.equal(sslOptions.explain().clientCertificate.subject, 'CN=renewed')
    await client.execute('SELECT release_version FROM system.local')
    await client.shutdown()

    // #region status
    const { state, ageMs, expiresAt, failure } = sslOptions.status()
    console.log(`TLS material: ${state}, ${ageMs} ms old, good until ${expiresAt.toISOString()}`)
    if (failure) console.log(`refused since ${failure.since.toISOString()}: ${failure.error.code}`)
    // #endregion status
    assert.equal(state, 'current')
    // Nothing is closed here on purpose: a profile never keeps a process alive.
  },
  { tls: { requestClientCertificate: 'require' } },
)
