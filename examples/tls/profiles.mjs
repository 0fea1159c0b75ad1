/** Each level of identity checking, with its options. */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import tls from 'node:tls'
import {
  fromLegacyOptions,
  fromSecureContext,
  keyspaces,
  mutual,
  spkiPin,
  verifyClient,
  verifyServer,
} from '@x/tls-profiles'
import { unverified } from '@x/tls-profiles/danger'
import cassandra from 'cassandra-driver'
import { withCluster } from './lib/cluster.mjs'

const { Client } = cassandra

await withCluster(
  async ({ contactPoint, path }) => {
    const [ca, cert, key] = [path('rootca.crt'), path('client.crt'), path('client.key')]
    {
      // #region verify-server
      const sslOptions = verifyServer({ ca })
      const client = new Client({ contactPoints: [contactPoint], localDataCenter: 'datacenter1', sslOptions })
      await client.connect()
      console.log(sslOptions.explain().text)
      // #endregion verify-server
      await client.shutdown()
      sslOptions.close()
    }
    {
      // #region resumption
      const sslOptions = verifyServer({ ca, resumption: true })
      const client = new Client({ contactPoints: [contactPoint], localDataCenter: 'datacenter1', sslOptions })
      sslOptions.resumeFor(client)
      await client.connect()
      console.log(sslOptions.status().sessions)
      // #endregion resumption
      await client.shutdown()
      const { full, resumed } = sslOptions.status().sessions ?? {}
      assert.deepEqual([full, (resumed ?? 0) > 0], [1, true])
      sslOptions.close()
    }
    const profiles = {
      unverified: () => {
        // #region unverified
        const sslOptions = unverified()
        // #endregion unverified
        return sslOptions
      },
      'a fixed name': () => {
        // #region fixed-name
        const sslOptions = verifyServer({ ca, hostname: 'db1.example.com' })
        // #endregion fixed-name
        return sslOptions
      },
      'a map of names': () => {
        // #region name-map
        const sslOptions = verifyServer({ ca, hostname: { '127.0.0.1': 'db1.example.com' } })
        // #endregion name-map
        return sslOptions
      },
      'a SPIFFE ID': () => {
        // #region spiffe
        const sslOptions = verifyServer({ ca, hostname: { uri: 'spiffe://example.org/cassandra' } })
        // #endregion spiffe
        return sslOptions
      },
      'a trust domain': () => {
        // #region trust-domain
        const sslOptions = verifyServer({ ca, hostname: { uriPrefix: 'spiffe://example.org/' } })
        // #endregion trust-domain
        return sslOptions
      },
      'chain only': () => {
        // #region chain-only
        const sslOptions = verifyServer({ ca, hostname: false })
        // #endregion chain-only
        return sslOptions
      },
      'server verifies client': () => {
        // #region verify-client
        const sslOptions = verifyClient({ cert, key })
        // #endregion verify-client
        return sslOptions
      },
      'both ways': () => {
        // #region mutual
        const sslOptions = mutual({ ca, cert, key })
        // #endregion mutual
        return sslOptions
      },
      'stores of Java': () => {
        // #region stores
        const passphrase = 'myStorePass'
        const sslOptions = mutual({
          ca: { jks: path('truststore.jks'), passphrase },
          pfx: path('client.p12'),
          passphrase,
        })
        // #endregion stores
        return sslOptions
      },
      pins: () => {
        // #region pins
        const sslOptions = verifyServer({ ca, pins: [spkiPin(ca)] })
        // #endregion pins
        return sslOptions
      },
      'a context of one’s own': () => {
        // #region secure-context
        const context = tls.createSecureContext({
          ca: readFileSync(ca),
          cert: readFileSync(cert),
          key: readFileSync(key),
        })
        const sslOptions = fromSecureContext(context, { hostname: 'db1.example.com' })
        // #endregion secure-context
        return sslOptions
      },
      "the Python drivers' ssl_options": () => {
        // #region legacy
        const sslOptions = fromLegacyOptions({
          caCerts: ca, //              'ca_certs'
          certReqs: 'required', //     'cert_reqs': CERT_REQUIRED
          certfile: cert, //           'certfile'
          keyfile: key, //             'keyfile'
          sslVersion: 'PROTOCOL_TLS', // 'ssl_version'
          checkHostname: true, //      'check_hostname'
        })
        // #endregion legacy
        return sslOptions
      },
    }
    for (const [name, make] of Object.entries(profiles)) {
      const sslOptions = make()
      const client = new Client({ contactPoints: [contactPoint], localDataCenter: 'datacenter1', sslOptions })
      await client.connect()
      await client.shutdown()
      console.log(`connected: ${name}`)
    }
  },
  {
    names: ['db1.example.com', 'spiffe://example.org/cassandra'],
    tls: { requestClientCertificate: 'request' },
  },
)

// #region keyspaces
const sslOptions = keyspaces({ region: 'eu-west-1' })
const { host, port } = sslOptions.explain().endpoint
const options = { contactPoints: [host], protocolOptions: { port }, localDataCenter: 'eu-west-1', sslOptions }
// #endregion keyspaces
assert.deepEqual([options.contactPoints[0], port], ['cassandra.eu-west-1.amazonaws.com', 9142])
