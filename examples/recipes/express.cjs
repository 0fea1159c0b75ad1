// #region express
const express = require('express')
const { Client } = require('cassandra-driver')
const { findAuthError, fromEnv, secureClientOptions } = require('@x/auth-core')
const { PlainTextAuthProvider } = require('@x/auth-plaintext')
const { verifyServer } = require('@x/tls-profiles')

const client = new Client(
  secureClientOptions({
    contactPoints: [process.env.CASSANDRA_HOST],
    localDataCenter: 'datacenter1',
    authProvider: new PlainTextAuthProvider({
      credentials: fromEnv({ username: 'CASSANDRA_USERNAME', password: 'CASSANDRA_PASSWORD' }),
    }),
    sslOptions: verifyServer({ ca: process.env.CASSANDRA_CA }),
  }),
)

const app = express()
app.get('/version', async (_request, response) => {
  const { rows } = await client.execute('SELECT release_version FROM system.local')
  response.json({ version: rows[0].release_version })
})

async function main() {
  try {
    await client.connect()
  } catch (error) {
    console.error(findAuthError(error)?.message ?? String(error))
    throw error
  }
  const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'))
  process.once('SIGTERM', () => server.close(() => client.shutdown()))
}

main()
// #endregion express
