/** A server with its own certificates, in a folder that is removed at the end. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestServer } from '@x/auth-testserver'
import { createCertificates } from '../../certificates/certificates.mjs'

/**
 * @param {(cluster: object) => Promise<void>} use gets `contactPoint`, `path(name)`, `authority`, `restart(tls)`
 * @param {object} [options]
 * @param {string[]} [options.names] of the node, in addition to its address
 * @param {object} [options.tls] of the server
 */
export async function withCluster(use, { names = ['db1.example.com'], tls = {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'tls-example-'))
  const nodes = [{ address: '127.0.0.1', names }]
  const { authority, path } = await createCertificates({ folder, nodes, clients: ['client'] })
  const pem = await readFile(path('127.0.0.1.pem'), 'utf8')
  const server = await startTestServer({ tls: { cert: pem, key: pem, ca: authority.certificate, ...tls } })
  try {
    await use({ server, contactPoint: server.contactPoints[0], path, authority })
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
