/** A server of our own that knows its clients by their certificates, in a folder that goes away at the end. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mutualTlsAuthenticator, startTestServer } from '@x/auth-testserver'
import { createCertificates } from '../../certificates/certificates.mjs'

export const spiffeId = 'spiffe://example.com/app'

/**
 * @param {(server: object) => Promise<void>} use is given `server`, `contactPoint`, `path(name)`, `authority`
 * @param {object} [options]
 * @param {object} [options.authenticator] of the server; by default 5.0's, with the role app for the client's SPIFFE name
 */
export async function withServer(
  use,
  { authenticator = mutualTlsAuthenticator({ identities: { [spiffeId]: 'app' } }) } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'mutual-tls-example-'))
  const clients = [{ name: 'app', names: [spiffeId] }]
  const { authority, path } = await createCertificates({ folder, nodes: ['127.0.0.1'], clients })
  const pem = await readFile(path('127.0.0.1.pem'), 'utf8')
  const server = await startTestServer({
    authenticator,
    tls: { cert: pem, key: pem, ca: authority.certificate, requestClientCertificate: 'request' },
    // All that Cassandra's answer is needed for here: only an anonymous client gets an error.
    query: (cql) => (cql === 'LIST ROLES' ? [{ role: 'app' }] : undefined),
  })
  try {
    await use({ server, contactPoint: server.contactPoints[0], path, authority })
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
