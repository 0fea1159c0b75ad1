/** A server that identifies its clients by their certificates. Its files are in a folder that is removed at the end. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mutualTlsAuthenticator, startTestServer } from '@x/auth-testserver'
import { createCertificates } from '../../certificates/certificates.mjs'

export const spiffeId = 'spiffe://example.com/app'

/**
 * @param {(server: object) => Promise<void>} use gets `server`, `contactPoint`, `path(name)`, `authority`
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
    // A short form of Cassandra's answer is enough here: only an anonymous client gets an error.
    query: (cql) => (cql === 'LIST ROLES' ? [{ role: 'app' }] : undefined),
  })
  try {
    await use({ server, contactPoint: server.contactPoints[0], path, authority })
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
