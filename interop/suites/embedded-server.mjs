/**
 * The embedded server of @x/auth-testserver gives the same answers as a real Cassandra 5.0: the same actions, the same
 * messages.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { allowAllAuthenticator, passwordAuthenticator, startTestServer } from '@x/auth-testserver'
import { allowAllActions, passwordActions, perform } from '../cases/driver-actions.mjs'
import { allowAllRawActions, passwordRawActions, performRaw } from '../cases/raw-actions.mjs'
import { startCassandra } from '../cassandra/index.mjs'
import { adminClient } from '../lib/clients.mjs'
import { recordingProxy } from '../lib/recording-proxy.mjs'

describe('the same on both servers', () => {
  /** @type {import('../cassandra/index.mjs').CassandraNode} */
  let real
  /** @type {import('@x/auth-testserver').TestServer} */
  let embedded
  before(async () => {
    real = await startCassandra({ version: '5.0' })
    const admin = adminClient(real)
    await admin.execute("CREATE ROLE app WITH PASSWORD = 'secret' AND LOGIN = true")
    await admin.execute(
      "CREATE KEYSPACE app WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
    )
    await admin.shutdown()
    embedded = await startTestServer({ keyspaces: ['app'] })
  })
  after(async () => {
    await embedded?.stop()
    await real?.stop()
  })

  describe('PasswordAuthenticator', () => {
    before(() =>
      embedded.setAuthenticator(passwordAuthenticator({ users: { app: 'secret', cassandra: 'cassandra' } })),
    )
    compared(passwordActions, passwordRawActions)
  })

  describe('AllowAllAuthenticator', () => {
    before(async () => {
      embedded.setAuthenticator(allowAllAuthenticator())
      await real.restart({ wipe: true, change: { authenticator: 'AllowAllAuthenticator' } })
    })
    compared(allowAllActions, allowAllRawActions)
  })

  /**
   * @param {typeof passwordActions} actions
   * @param {typeof passwordRawActions} rawActions
   */
  function compared(actions, rawActions) {
    for (const [name, action] of Object.entries(actions)) {
      test(`the driver: ${name}`, async () => {
        assert.deepEqual(await recorded(action, embeddedAddress()), await recorded(action, realAddress()))
      })
    }
    for (const [name, action] of Object.entries(rawActions)) {
      test(`by hand: ${name}${action.differs ? ` (differs: ${action.differs})` : ''}`, async () => {
        const [ours, theirs] = await Promise.all([
          performRaw(action, embeddedAddress()),
          performRaw(action, realAddress()),
        ])
        if (action.differs === undefined) assert.deepEqual(ours, theirs)
        else assert.notDeepEqual(ours, theirs, `both servers now answer the same; remove: ${action.differs}`)
      })
    }
  }

  function embeddedAddress() {
    return { address: '127.0.0.1', port: embedded.port, newest: 4 }
  }
  function realAddress() {
    return { address: real.address, port: real.port, newest: 5 }
  }
})

/**
 * @param {import('../cases/driver-actions.mjs').DriverAction} action
 * @param {import('../lib/recording-proxy.mjs').Server} server
 */
async function recorded(action, server) {
  const proxy = await recordingProxy(server)
  try {
    const outcome = await perform(action, proxy)
    return { outcome, connections: proxy.transcript() }
  } finally {
    await proxy.close()
  }
}
