/** `protocolOptions.startupOptions` is in the STARTUP of each connection. It removes none of the driver's own options. */
import { startTestServer } from '@x/auth-testserver'
import { Client } from 'cassandra-driver'

test('additional options are sent with every STARTUP; the options of the driver win', async () => {
  const server = await startTestServer({ protocolVersions: [4] })
  const startupOptions = { AUTHENTICATOR: 'ScramAuthenticator', DRIVER_NAME: 'somebody else' }
  const client = new Client({
    ...server.clientOptions,
    applicationName: 'orders',
    protocolOptions: Object.assign({ startupOptions, maxVersion: 4 }, server.clientOptions.protocolOptions),
    pooling: { heartBeatInterval: 0, coreConnectionsPerHost: { 0: 3 } },
  })
  try {
    await client.connect()
    const sent = server.transcript({ redact: true }).flatMap(({ options }) => (options ? [options] : []))
    expect(sent.length).toBeGreaterThan(1)
    for (const options of sent) {
      expect(options).toMatchObject({ AUTHENTICATOR: 'ScramAuthenticator', APPLICATION_NAME: 'orders' })
      expect(options['DRIVER_NAME']).toMatch(/Apache Cassandra/)
    }
  } finally {
    await client.shutdown()
    await server.stop()
  }
})
