/**
 * An application with telemetry.mjs. The server accepts one login and refuses another, each inside a span of the
 * application. PORT, CA and PASSWORD lead to the server.
 */
import { trace } from '@opentelemetry/api'
import { cached, fromEnv } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { verifyServer } from '@x/tls-profiles'
import { Client } from 'cassandra-driver'
import { shutdown } from './telemetry.mjs'

const tracer = trace.getTracer('app')
const credentials = cached(fromEnv({ username: 'USER_NAME', password: 'PASSWORD' }))

await tracer.startActiveSpan('starts', async (span) => {
  await connects(new PlainTextAuthProvider({ credentials }))
  span.end()
})
await tracer.startActiveSpan('is refused', async (span) => {
  const refused = await connects(new PlainTextAuthProvider('app', 'of last year')).catch((error) => error)
  if (!(refused instanceof Error)) throw new Error('the wrong password was accepted')
  span.end()
})
await shutdown()

async function connects(authProvider) {
  const sslOptions = verifyServer({ ca: process.env.CA })
  const client = new Client({
    contactPoints: [`127.0.0.1:${process.env.PORT}`],
    localDataCenter: 'datacenter1',
    authProvider,
    sslOptions,
    pooling: { heartBeatInterval: 0 },
  })
  try {
    await client.connect()
  } finally {
    await client.shutdown()
    sslOptions.close()
  }
}
