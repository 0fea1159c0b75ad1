/** A server that asks for no login: it sends READY after STARTUP, and no provider is called. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertAuthenticated, assertNotAnonymous, isAuthError } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { withClient } from '../lib/clients.mjs'

/** @param {() => import('../cassandra/index.mjs').CassandraNode} node with AllowAllAuthenticator */
export function allowAllAuthenticatorCases(node) {
  test('without a provider', async () => {
    const { rowLength } = await withClient(node(), {}, (client) =>
      client.execute('SELECT key FROM system.local'),
    )
    assert.equal(rowLength, 1)
  })

  for (const version of [3, 4]) {
    test(`assertAuthenticated notices it, protocol version ${version}`, async () => {
      const authProvider = new PlainTextAuthProvider('app', 'secret')
      const options = { authProvider, protocolOptions: { maxVersion: version } }
      await withClient(node(), options, (client) => {
        assert.throws(
          () => assertAuthenticated(client, authProvider),
          (error) =>
            isAuthError(error) &&
            error.code === 'NOT_AUTHENTICATED' &&
            error.endpoint === node().contactPoint,
        )
      })
    })
  }

  test('assertNotAnonymous notices it', async () => {
    const authProvider = new PlainTextAuthProvider('app', 'secret')
    await withClient(node(), { authProvider }, (client) =>
      assert.rejects(assertNotAnonymous(client), {
        code: 'NOT_AUTHENTICATED',
        endpoint: node().contactPoint,
      }),
    )
  })

  test('a source is not called: no secret is fetched without need', async () => {
    let asked = 0
    const credentials = () => {
      asked++
      return { username: 'app', password: 'secret' }
    }
    await withClient(node(), { authProvider: new PlainTextAuthProvider({ credentials }) }, () => undefined)
    assert.equal(asked, 0)
  })
}
