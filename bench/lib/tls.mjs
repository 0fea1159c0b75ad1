/** Pairs of TLS options with the same verification: plain `sslOptions` of a user of the driver, and a profile. */
import { createRequire } from 'node:module'
import { rootCertificates } from 'node:tls'
import { ourProvider, passwordServer } from './plain-text.mjs'

/** @typedef {import('cassandra-driver').ClientOptions} ClientOptions */
/** @typedef {typeof import('@x/tls-profiles')} Profiles */

/**
 * @typedef {object} TlsServers
 * @property {ClientOptions} server which asks for no certificate
 * @property {ClientOptions} strict which requires one
 * @property {string} ca
 * @property {string[]} otherCas
 * @property {string} cert of the client
 * @property {string} key
 * @property {string} name the name in the servers' certificate
 */

/** @returns {Promise<import('./row.mjs').Running>} `info`: TlsServers */
export async function tlsServers() {
  const { createCertificateAuthority } = await import('@x/auth-testserver')
  const name = 'cassandra.test'
  const authority = await createCertificateAuthority()
  const others = await Promise.all(
    [1, 2, 3, 4, 5].map((n) => createCertificateAuthority({ name: `Other CA ${n}` })),
  )
  const own = await authority.issue({ names: ['127.0.0.1', name] })
  const client = await authority.issue({ usage: 'client' })
  const tls = { cert: own.chainPem, key: own.keyPem }
  const server = await passwordServer({ tls })
  const strict = await passwordServer({
    tls: { ...tls, ca: authority.certPem, requestClientCertificate: 'require' },
  })
  /** @type {TlsServers} */
  const info = {
    server: server.info,
    strict: strict.info,
    ca: authority.certPem,
    otherCas: others.map(({ certPem }) => certPem),
    cert: client.chainPem,
    key: client.keyPem,
    name,
  }
  return { info, stop: () => Promise.all([server.stop?.(), strict.stop?.()]) }
}

/**
 * @typedef {object} Setup
 * @property {string} title
 * @property {string} [plain] the set-up that it is compared with; absent: this one is plain `sslOptions`
 * @property {(servers: TlsServers, profiles: Profiles) => object} sslOptions
 * @property {true} [strict] on the server that requires a certificate
 * @property {true} [slow] so slow that fewer connections are enough
 */

/** @type {Record<string, Setup>} */
const setups = {
  'plain-1': {
    title: 'one CA, plain sslOptions',
    sslOptions: ({ ca }) => ({ ca, rejectUnauthorized: true }),
  },
  'profile-1': {
    title: 'one CA, verifyServer()',
    plain: 'plain-1',
    sslOptions: ({ ca }, { verifyServer }) => verifyServer({ ca }),
  },
  'resumed-1': {
    title: 'one CA, verifyServer() with resumption',
    plain: 'plain-1',
    sslOptions: ({ ca, name }, { verifyServer }) =>
      verifyServer({ ca, hostname: name, resumption: { scope: 'name' } }),
  },
  'plain-6': {
    title: 'six CAs, plain sslOptions',
    sslOptions: ({ ca, otherCas }) => ({ ca: [...otherCas, ca], rejectUnauthorized: true }),
  },
  'profile-6': {
    title: 'six CAs, verifyServer()',
    plain: 'plain-6',
    sslOptions: ({ ca, otherCas }, { verifyServer }) => verifyServer({ ca: [...otherCas, ca] }),
  },
  'plain-mutual': {
    title: 'mutual, plain sslOptions',
    sslOptions: ({ ca, cert, key }) => ({ ca, cert, key, rejectUnauthorized: true }),
    strict: true,
  },
  'profile-mutual': {
    title: 'mutual, mutual() with TLS 1.3',
    plain: 'plain-mutual',
    // The plain options allow it too. Without it, a profile with a client certificate uses TLS 1.2.
    sslOptions: ({ ca, cert, key }, { mutual }) => mutual({ ca, cert, key, maxVersion: 'TLSv1.3' }),
    strict: true,
  },
  'plain-roots': {
    title: "Node's roots and one CA, plain sslOptions",
    sslOptions: ({ ca }) => ({ ca: [...rootCertificates, ca], rejectUnauthorized: true }),
    slow: true,
  },
  'profile-roots': {
    title: "Node's roots and one CA, verifyServer()",
    plain: 'plain-roots',
    sslOptions: ({ ca }, { verifyServer }) => verifyServer({ ca, systemRoots: true }),
    slow: true,
  },
}

/**
 * A subject for each set-up.
 * @param {(context: import('./row.mjs').Context, options: ClientOptions, slow: boolean) => AsyncGenerator<import('./row.mjs').Sample, void>} measure
 * @returns {Record<string, import('./row.mjs').Subject>}
 */
export function tlsSubjects(measure) {
  return Object.fromEntries(
    Object.entries(setups).map(([name, { title, plain, ...setup }]) => [
      name,
      {
        title,
        ...(plain === undefined ? {} : { reference: plain }),
        measure: (context) => measure(context, clientOptions(context.shared, setup), setup.slow === true),
      },
    ]),
  )
}

/** @param {TlsServers} servers @param {Pick<Setup, 'sslOptions' | 'strict'>} setup @returns {ClientOptions} */
function clientOptions(servers, { sslOptions, strict }) {
  /** @type {Profiles} */
  const profiles = createRequire(import.meta.url)('@x/tls-profiles')
  return {
    ...(strict ? servers.strict : servers.server),
    authProvider: ourProvider(),
    sslOptions: /** @type {import('node:tls').ConnectionOptions} */ (sslOptions(servers, profiles)),
  }
}
