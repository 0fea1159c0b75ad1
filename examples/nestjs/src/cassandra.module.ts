// #region module
import { Module, type OnApplicationShutdown } from '@nestjs/common'
import { fromEnv, secureClientOptions } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { verifyServer } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'

const { CASSANDRA_HOST = '', CASSANDRA_CA = '' } = process.env
const credentials = fromEnv({ username: 'CASSANDRA_USERNAME', password: 'CASSANDRA_PASSWORD' })
const client = new Client(
  secureClientOptions({
    contactPoints: [CASSANDRA_HOST],
    localDataCenter: 'datacenter1',
    authProvider: new PlainTextAuthProvider({ credentials }),
    sslOptions: verifyServer({ ca: CASSANDRA_CA }),
  }),
)

@Module({
  // Nest waits for the login before it listens, and gives this client to everything that asks for a Client.
  providers: [{ provide: Client, useFactory: () => client.connect().then(() => client) }],
  exports: [Client],
})
export class CassandraModule implements OnApplicationShutdown {
  onApplicationShutdown() {
    return client.shutdown()
  }
}
// #endregion module
