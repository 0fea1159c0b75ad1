/**
 * Makes the certificates and stores that a Cassandra cluster and its clients need for TLS, with only Node.js:
 *
 *   node certificates.mjs FOLDER [--password TEXT] [--node ADDRESS]… [--client NAME]…
 *
 * Do not use it unchanged in production: the key of a real CA must not be on the machines that it signs for.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createAuthority } from './lib/authority.mjs'
import { writeJks } from './lib/jks.mjs'
import { writePkcs12 } from './lib/pkcs12.mjs'

/**
 * @param {object} options
 * @param {string} options.folder
 * @param {string} [options.password] of all stores
 * @param {(string | { address: string, names: string[] })[]} [options.nodes] by address; `names`: their other names
 * @param {(string | { name: string, names: string[] })[]} [options.clients] by common name; `names`: e.g. a SPIFFE id
 * @param {Awaited<ReturnType<typeof createAuthority>>} [options.authority] an existing authority
 * @returns the authority, and the paths of the files
 */
export async function createCertificates({
  folder,
  password = 'myStorePass',
  nodes = [],
  clients = [],
  authority,
}) {
  await mkdir(folder, { recursive: true })
  const path = (name) => join(folder, name)
  // #region authority
  // One root CA for the cluster. Anyone who has rootca.key can be any node and any client.
  const ca = authority ?? (await createAuthority({ name: 'Example Root CA' }))
  await writeFile(path('rootca.crt'), ca.certificate)
  await writeFile(path('rootca.key'), ca.key, { mode: 0o600 })
  // #endregion authority

  // #region truststore
  // The CAs that the nodes trust: client_encryption_options.truststore.
  const trusted = [{ alias: 'rootca', certificate: ca.certificate }]
  await writeFile(path('truststore.p12'), writePkcs12({ password, trusted }))
  await writeFile(path('truststore.jks'), writeJks({ password, trusted }))
  // #endregion truststore

  for (const node of nodes) {
    const { address, names } = typeof node === 'string' ? { address: node, names: [] } : node
    // #region node
    // One key store for each node. The certificate has its address as an IP address: the clients check it.
    const { certificate, key } = await ca.issue({
      commonName: address,
      names: [address, ...names],
      purpose: 'server',
    })
    const keys = [{ alias: address, key, chain: [certificate, ca.certificate] }]
    await writeFile(path(`${address}.keystore.p12`), writePkcs12({ password, keys }), { mode: 0o600 })
    await writeFile(path(`${address}.keystore.jks`), writeJks({ password, keys }), { mode: 0o600 })
    // For PEMBasedSslContextFactory (Cassandra 4.1 and later): key, certificate and CA in one file.
    await writeFile(path(`${address}.pem`), key + certificate + ca.certificate, { mode: 0o600 })
    // #endregion node
  }

  for (const client of clients) {
    const { name, names } = typeof client === 'string' ? { name: client, names: [] } : client
    // #region client
    // For require_client_auth: true. PEM is what a Node.js client needs; the stores are for clients in Java.
    const { certificate, key } = await ca.issue({ commonName: name, names, purpose: 'client' })
    const keys = [{ alias: name, key, chain: [certificate, ca.certificate] }]
    await writeFile(path(`${name}.crt`), certificate)
    await writeFile(path(`${name}.key`), key, { mode: 0o600 })
    await writeFile(path(`${name}.p12`), writePkcs12({ password, keys }), { mode: 0o600 })
    await writeFile(path(`${name}.jks`), writeJks({ password, keys }), { mode: 0o600 })
    // #endregion client
  }
  return { authority: ca, path }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      password: { type: 'string' },
      node: { type: 'string', multiple: true, default: ['127.0.0.1'] },
      client: { type: 'string', multiple: true, default: ['client'] },
    },
  })
  const [folder] = positionals
  if (!folder) {
    console.error('usage: node certificates.mjs FOLDER [--password TEXT] [--node ADDRESS]… [--client NAME]…')
    process.exit(2)
  }
  const { password, node: nodes, client: clients } = values
  await createCertificates({ folder, nodes, clients, ...(password ? { password } : {}) })
  console.log(`made rootca, truststore, ${nodes.length} node(s) and ${clients.length} client(s) in ${folder}`)
}
