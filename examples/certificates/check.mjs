/**
 * Makes the certificates in both ways, in a temporary folder, and checks them: a server with the node's key, clients
 * with each form of key store, and the stores with Java's keytool, if it is installed.
 */
import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { fileURLToPath } from 'node:url'
import { mutual } from '@x/tls-profiles'
import { createCertificates } from './certificates.mjs'

const passphrase = 'myStorePass'
const here = fileURLToPath(new URL('.', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'certificates-'))
try {
  await createCertificates({ folder: join(folder, 'node'), nodes: ['127.0.0.1'], clients: ['client'] })
  await checkFolder(join(folder, 'node'))
  console.log('made with Node.js: a server and a client connect, with PEM, PKCS #12 and JKS')
  if (available('keytool')) {
    listWithJava(join(folder, 'node'))
    console.log('keytool reads all stores')
  }
  if (available('keytool') && available('openssl')) {
    const made = spawnSync('bash', [join(here, 'openssl-and-keytool.sh'), join(folder, 'shell')], {
      encoding: 'utf8',
    })
    assert.equal(made.status, 0, made.stderr)
    await checkFolder(join(folder, 'shell'))
    console.log('made with openssl and keytool: the same result')
  } else {
    console.log('openssl or keytool is not installed: the script for them was not run')
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** Connects with each form of the client's identity to a server with the node's identity. */
async function checkFolder(made) {
  const path = (name) => join(made, name)
  const ca = path('rootca.crt')
  const node = await readFile(path('127.0.0.1.pem'))
  const server = tls.createServer(
    { key: node, cert: node, ca: await readFile(ca), requestCert: true },
    (socket) => socket.end(socket.getPeerCertificate().subject.CN),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const identities = [
    { ca, cert: path('client.crt'), key: path('client.key') },
    { ca: { pfx: path('truststore.p12'), passphrase }, pfx: path('client.p12'), passphrase },
    { ca: { jks: path('truststore.jks'), passphrase }, jks: path('client.jks'), passphrase },
  ]
  for (const identity of identities) {
    const profile = mutual({ ...identity, watch: false })
    const socket = tls.connect(server.address().port, '127.0.0.1', { ...profile })
    const chunks = await socket.setEncoding('utf8').toArray()
    assert.equal(chunks.join(''), 'client')
    profile.close()
  }
  // The stores of the node contain the same key: they can be opened and used by a server.
  for (const store of [{ pfx: path('127.0.0.1.keystore.p12') }, { jks: path('127.0.0.1.keystore.jks') }]) {
    mutual({ ca, ...store, passphrase, watch: false })
  }
  server.close()
}

function listWithJava(made) {
  const stores = [
    ['truststore.p12', 'trustedCertEntry'],
    ['truststore.jks', 'trustedCertEntry'],
    ['127.0.0.1.keystore.p12', 'PrivateKeyEntry'],
    ['127.0.0.1.keystore.jks', 'PrivateKeyEntry'],
    ['client.p12', 'PrivateKeyEntry'],
    ['client.jks', 'PrivateKeyEntry'],
  ]
  for (const [name, entry] of stores) {
    const listed = spawnSync('keytool', ['-list', '-keystore', join(made, name), '-storepass', passphrase], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
    })
    assert.equal(listed.status, 0, listed.stdout)
    assert.match(listed.stdout, new RegExp(entry), name)
  }
}

function available(tool) {
  const found = spawnSync(tool, tool === 'openssl' ? ['version'] : ['-help'])
  return found.error === undefined
}
