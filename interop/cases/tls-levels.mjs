/**
 * The levels of identity checking in the guides of the Python drivers, each as a profile; plain `sslOptions` with the
 * stock driver; and the servers to which each of them connects.
 */
import { readFileSync } from 'node:fs'
import tls from 'node:tls'
import { fromLegacyOptions, fromSecureContext, mutual, verifyClient, verifyServer } from '@x/tls-profiles'
import { unverified } from '@x/tls-profiles/danger'

/**
 * @typedef {object} Material paths
 * @property {string} ca
 * @property {string} otherCa one that issued nothing
 * @property {string} cert of a client, issued by the CA
 * @property {string} key
 */

/**
 * The certificate of a node: right; of the same CA with another name; of another CA; expired; self-signed.
 * @typedef {'right' | 'otherName' | 'otherCa' | 'expired' | 'selfSigned'} Case
 */

/** @type {Record<Case, string>} */
const nothing = {
  right: 'connects',
  otherName: 'connects',
  otherCa: 'connects',
  expired: 'connects',
  selfSigned: 'connects',
}
/** @type {typeof nothing} */
const chain = {
  right: 'connects',
  otherName: 'connects',
  otherCa: 'UNKNOWN_CA',
  expired: 'SERVER_CERTIFICATE_EXPIRED',
  selfSigned: 'SELF_SIGNED',
}
/** @type {typeof nothing} */
const chainAndName = { ...chain, otherName: 'NAME_MISMATCH' }
/** @type {typeof nothing} */
const wrongCa = {
  right: 'UNKNOWN_CA',
  otherName: 'UNKNOWN_CA',
  otherCa: 'UNKNOWN_CA',
  // OpenSSL continues after a missing issuer; its last error counts.
  expired: 'SERVER_CERTIFICATE_EXPIRED',
  selfSigned: 'SELF_SIGNED',
}

/** @type {{ level: string, options: (material: Material) => import('node:tls').ConnectionOptions, outcomes: typeof nothing }[]} */
export const levels = [
  // "No identity verification": SSLContext(PROTOCOL_TLS)
  { level: 'no verification: unverified()', options: () => unverified(), outcomes: nothing },
  {
    level: "no verification: fromLegacyOptions({ certReqs: 'CERT_NONE' })",
    options: () => fromLegacyOptions({ certReqs: 'CERT_NONE' }),
    outcomes: nothing,
  },
  // "Client verifies server": load_verify_locations('rootca.crt'), verify_mode = CERT_REQUIRED
  {
    level: 'client verifies server, any name: verifyServer({ ca, hostname: false })',
    options: ({ ca }) => verifyServer({ ca, hostname: false }),
    outcomes: chain,
  },
  // The same with check_hostname = True
  {
    level: 'client verifies server and its address: verifyServer({ ca })',
    options: ({ ca }) => verifyServer({ ca }),
    outcomes: chainAndName,
  },
  {
    level: 'a spread copy: { ...verifyServer({ ca }) }',
    options: ({ ca }) => ({ ...verifyServer({ ca }) }),
    outcomes: chainAndName,
  },
  // The same with ssl_options = {'server_hostname': '127.0.0.1'}: one name for every node.
  {
    level: "client verifies server, one name for all: verifyServer({ ca, hostname: '127.0.0.1' })",
    options: ({ ca }) => verifyServer({ ca, hostname: '127.0.0.1' }),
    outcomes: chain,
  },
  {
    level: 'client trusts another CA: verifyServer({ ca: otherCa })',
    options: ({ otherCa }) => verifyServer({ ca: otherCa }),
    outcomes: wrongCa,
  },
  {
    level: 'client trusts the public CAs: verifyServer({ systemRoots: true })',
    options: () => verifyServer({ systemRoots: true }),
    outcomes: wrongCa,
  },
  // "Versions 3.16.0 and lower": ssl_options = {'ca_certs': …, 'ssl_version': PROTOCOL_TLS, 'cert_reqs': CERT_REQUIRED}
  {
    level: "old ssl_options: fromLegacyOptions({ caCerts, sslVersion, certReqs: 'CERT_REQUIRED' })",
    options: ({ ca }) =>
      fromLegacyOptions({ caCerts: ca, sslVersion: 'PROTOCOL_TLS', certReqs: 'CERT_REQUIRED' }),
    outcomes: chainAndName,
  },
  {
    level: "old ssl_options, CERT_OPTIONAL: fromLegacyOptions({ caCerts, certReqs: 'optional' })",
    options: ({ ca }) => fromLegacyOptions({ caCerts: ca, certReqs: 'optional' }),
    outcomes: chainAndName,
  },
  {
    level: 'old ssl_options, as strict as there: fromLegacyOptions({ caCerts, checkHostname: false })',
    options: ({ ca }) => fromLegacyOptions({ caCerts: ca, checkHostname: false }),
    outcomes: chain,
  },
  {
    level: "old ssl_options: fromLegacyOptions({ caCerts, serverHostname: 'node1.example' })",
    options: ({ ca }) => fromLegacyOptions({ caCerts: ca, serverHostname: 'node1.example' }),
    outcomes: chain,
  },
  // "Server verifies client": load_cert_chain(certfile, keyfile)
  {
    level: 'server verifies client, where it does not ask: verifyClient({ cert, key })',
    options: ({ cert, key }) => verifyClient({ cert, key }),
    outcomes: nothing,
  },
  // "Server verifies client and client verifies server"
  {
    level: 'both ways, where the server does not ask: mutual({ ca, cert, key })',
    options: ({ ca, cert, key }) => mutual({ ca, cert, key }),
    outcomes: chainAndName,
  },
  // "The driver uses SSLContext directly"
  {
    level: "a context of one's own: fromSecureContext(tls.createSecureContext({ ca }))",
    options: ({ ca }) => fromSecureContext(tls.createSecureContext({ ca: readFileSync(ca) })),
    outcomes: chainAndName,
  },
  // What the stock driver does with its users' options.
  { level: 'the stock driver: {}', options: () => ({}), outcomes: nothing },
  {
    level: 'the stock driver: { ca }, which verifies nothing',
    options: ({ ca }) => ({ ca: [readFileSync(ca)] }),
    outcomes: nothing,
  },
  {
    level: 'the stock driver: { ca, checkServerIdentity }, whose verdict is ignored',
    options: ({ ca }) => ({ ca: [readFileSync(ca)], checkServerIdentity: () => new Error('no') }),
    outcomes: nothing,
  },
  {
    level: 'the stock driver: { ca, rejectUnauthorized: true }',
    options: ({ ca }) => ({ ca: [readFileSync(ca)], rejectUnauthorized: true }),
    outcomes: chainAndName,
  },
]
