/** Certificates for the suites, made with examples/certificates, like a reader of that example would make them. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { requireTools } from './tools.mjs'

/**
 * @typedef {{ certificate: string, key: string }} Pair PEM
 * @typedef {Pair & { issue(options: { commonName: string, names?: string[], purpose: 'server' | 'client',
 *   days?: number }): Promise<Pair> }} Authority
 * @typedef {{ authority: Authority, path: (name: string) => string }} Certificates `path`: the path of a created file
 */

const example = new URL('../../examples/certificates/', import.meta.url)
// The names are computed: the types of the example are checked in its own folder, not here.
const { createCertificates: make } = await import(`${new URL('certificates.mjs', example)}`)
const { createAuthority: authority } = await import(`${new URL('lib/authority.mjs', example)}`)
const { writeJks } = await import(`${new URL('lib/jks.mjs', example)}`)
const { writePkcs12 } = await import(`${new URL('lib/pkcs12.mjs', example)}`)

/** The password of every store. */
export const storePassword = 'myStorePass'

/** The IP addresses and names of the node. */
export const nodeNames = ['127.0.0.1', '::1', 'node1.example', '*.cluster.example']

/**
 * Creates a root CA, the stores of a node on 127.0.0.1, a trust store, and the clients; by default one with the name
 * `client`.
 * @param {{ folder: string, authority?: Authority, clients?: readonly string[] }} options
 * @returns {Promise<Certificates>}
 */
export function createCertificates({ clients = ['client'], ...options }) {
  const [address = '', ...names] = nodeNames
  return make({ ...options, nodes: [{ address, names }], clients })
}

/**
 * The same with openssl and keytool, the example's other way: RSA, and a node whose only name is its address.
 * @param {string} folder
 * @returns {(name: string) => string} the path of a created file
 */
export function createCertificatesByTools(folder) {
  const [, keytool = ''] = requireTools('openssl', 'keytool')
  const script = fileURLToPath(new URL('openssl-and-keytool.sh', example))
  // keytool may be in JAVA_HOME but not on the path.
  const PATH = [...(isAbsolute(keytool) ? [dirname(keytool)] : []), process.env['PATH']].join(delimiter)
  execFileSync('bash', [script, folder], { stdio: 'pipe', env: { ...process.env, PATH } })
  return (name) => join(folder, name)
}

/** Creates a CA that has issued nothing yet. @param {string} name @returns {Promise<Authority>} */
export function createAuthority(name) {
  return authority({ name })
}

/**
 * A node's key store in PKCS #12. @param {Pair} pair @param {...string} issuers PEM
 * @returns {Buffer}
 */
export function keyStore({ certificate, key }, ...issuers) {
  return writePkcs12({
    password: storePassword,
    keys: [{ alias: 'node', key, chain: [certificate, ...issuers] }],
  })
}

/**
 * A client's trust store. @param {'PKCS12' | 'JKS'} format @param {string} password @param {...string} certificates PEM
 * @returns {Buffer}
 */
export function clientTrust(format, password, ...certificates) {
  const write = format === 'JKS' ? writeJks : writePkcs12
  return write({ password, trusted: trustedEntries(certificates) })
}

/**
 * A client's key store made by openssl, which is slow to open.
 * @param {string} file to create @param {string} password @param {Pair} pair @param {number} iterations
 */
export function makeSlowStore(file, password, { certificate, key }, iterations) {
  const [openssl = 'openssl'] = requireTools('openssl')
  const pem = `${file}.pem`
  writeFileSync(pem, certificate + key, { mode: 0o600 })
  const options = ['-in', pem, '-passout', `pass:${password}`, '-iter', String(iterations), '-out', file]
  execFileSync(openssl, ['pkcs12', '-export', ...options], { stdio: 'pipe' })
}

/**
 * A revocation list that revokes nothing, in PEM.
 * @param {Pair} authority @param {string} folder for the files that openssl needs
 */
export function emptyRevocationList({ certificate, key }, folder) {
  const [openssl = 'openssl'] = requireTools('openssl')
  const path = (/** @type {string} */ name) => join(folder, name)
  writeFileSync(path('crl-ca.pem'), certificate + key, { mode: 0o600 })
  writeFileSync(path('crl-index.txt'), '')
  writeFileSync(path('crl-ca.cnf'), `[ca]\ndefault_ca = it\n[it]\ndatabase = ${path('crl-index.txt')}\n`)
  const of = ['-config', path('crl-ca.cnf'), '-cert', path('crl-ca.pem'), '-keyfile', path('crl-ca.pem')]
  const options = ['-gencrl', ...of, '-crldays', '30', '-md', 'sha256']
  return execFileSync(openssl, ['ca', ...options], { stdio: 'pipe', encoding: 'utf8' })
}

/**
 * A client's key store. @param {'PKCS12' | 'JKS'} format @param {string} password @param {Pair} pair
 * @returns {Buffer}
 */
export function clientStore(format, password, { certificate, key }) {
  const write = format === 'JKS' ? writeJks : writePkcs12
  return write({ password, keys: [{ alias: 'client', key, chain: [certificate] }] })
}

/** The trust store of a node, in JKS. @param {...string} certificates PEM @returns {Buffer} */
export function trustStore(...certificates) {
  return writeJks({ password: storePassword, trusted: trustedEntries(certificates) })
}

/** @param {readonly string[]} certificates */
function trustedEntries(certificates) {
  return certificates.map((certificate, index) => ({ alias: `ca${index}`, certificate }))
}

/** A key store with a self-signed certificate, like in many tutorials. @param {string} file to create */
export function makeSelfSignedStore(file) {
  const [keytool = 'keytool'] = requireTools('keytool')
  const subject = ['-alias', 'node', '-dname', 'CN=127.0.0.1', '-ext', 'san=ip:127.0.0.1']
  const store = ['-keystore', file, '-storetype', 'PKCS12', '-storepass', storePassword]
  execFileSync(keytool, ['-genkeypair', '-keyalg', 'EC', '-groupname', 'secp256r1', ...subject, ...store], {
    stdio: 'pipe',
  })
}

/**
 * The stores that createCertificates has made, in the form of client_encryption_options.
 *
 * @param {(name: string) => string} path
 */
export function nodeStores(path) {
  return {
    keystore: path('127.0.0.1.keystore.p12'),
    keystore_password: storePassword,
    truststore: path('truststore.p12'),
    truststore_password: storePassword,
    store_type: 'PKCS12',
  }
}
