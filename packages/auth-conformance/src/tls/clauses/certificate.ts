import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { PeerCertificate } from 'node:tls'
import { check } from '../../clause.js'
import { describeValue, isError } from '../../lib/time/waiting.js'
import { needs, type TlsClause } from '../clause.js'

/** Options of `tls.connect` that lead to another place than the address. */
const redirections = ['host', 'port', 'path', 'socket']

/** Unusual certificates of a server, in the form in which Node.js passes them on. */
const odd: readonly unknown[] = [
  {},
  { subject: {} },
  { subject: { CN: ['one', 'two'] }, subjectaltname: '' },
  { subject: { O: 'nobody' }, subjectaltname: 'URI:spiffe://test.example/client' },
  { subject: { CN: '127.0.0.1' }, raw: Buffer.from([0x30]) },
]

/** What both sides send in addition to the verification. */
export const certificateClauses: readonly TlsClause[] = [
  {
    id: 'TLS-30',
    level: 'must',
    source: 'RFC 8446 §4.4.2',
    title: 'sends its intermediate certificates, so that a server needs only the root',
    notFor: needs('clientCertificate'),
    async run(bench) {
      const server = await bench.serve('good', { requestClientCertificate: 'request' })
      const seen = await bench.seenBy(server, await bench.create())
      // Another clause checks whether one is sent at all.
      const complete = seen?.authorized === true || seen?.peerCertificate === undefined
      check(complete, `the server does not trust it: ${seen?.authorizationError}`)
    },
  },
  {
    id: 'TLS-31',
    level: 'must',
    source: 'this suite',
    title: 'sends no certificate of the client unless it says that it does',
    notFor: ({ subject }) => (subject.traits.clientCertificate ? 'it sends one, and says so' : undefined),
    async run(bench) {
      const server = await bench.serve('good', { requestClientCertificate: 'request' })
      const seen = await bench.seenBy(server, await bench.create())
      check(seen?.peerCertificate === undefined, 'the server saw a certificate of the client')
    },
  },
  {
    id: 'TLS-32',
    level: 'must',
    source: 'RFC 6066 §3',
    title: 'sends no IP address as the name of the server',
    async run(bench) {
      const seen = await bench.seenBy(await bench.serve(), await bench.create())
      check(isIP(seen?.servername ?? '') === 0, `the client asked for ${seen?.servername}`)
    },
  },
  {
    id: 'TLS-33',
    level: 'must',
    source: "driver's contract: `host` in sslOptions redirects every connection",
    title: 'lets the driver decide where to connect',
    async run(bench) {
      const own = Object.keys(await bench.create())
      const found = redirections.filter((name) => own.includes(name))
      check(found.length === 0, `sslOptions have ${found.join(', ')}`)
    },
  },
  {
    id: 'TLS-34',
    level: 'must',
    source: "driver's contract: an exception in checkServerIdentity ends the process",
    title: 'has no check of names, or one that returns an Error and never throws, whatever the certificate',
    async run(bench) {
      const { checkServerIdentity } = (await bench.create()) as {
        checkServerIdentity?: (host: string, certificate: PeerCertificate) => unknown
      }
      if (checkServerIdentity === undefined) return
      for (const certificate of odd) {
        for (const host of ['127.0.0.1', '::1', 'fe80::1%eth0', 'localhost', '']) {
          const verdict = verdictOf(() => checkServerIdentity(host, certificate as PeerCertificate))
          check(verdict === undefined || isError(verdict), `it returned ${describeValue(verdict)}`)
        }
      }
    },
  },
  {
    id: 'TLS-35',
    level: 'must',
    source: 'RFC 5280 §4.1.2.6: a subject may be empty; SPIFFE and ACME issue such certificates',
    title:
      'connects to a server whose certificate has no subject, and with a client certificate that has none',
    async run(bench) {
      const { newClient } = await bench.certificates()
      const server = await bench.serve('withoutSubject', { requestClientCertificate: 'request' })
      const seen = await bench.seenBy(server, await bench.create(await newClient({ commonName: false })))
      check(seen !== undefined, 'connect() failed')
    },
  },
  {
    id: 'TLS-36',
    level: 'should',
    source: 'this suite: a renewed certificate is often in the same file as the old one, with the same key',
    title: 'sends the valid one of two certificates with the same key, in any order',
    notFor: needs('clientCertificate'),
    async run(bench) {
      const { newClient } = await bench.certificates()
      const notAfter = new Date(Date.now() - 60_000)
      const old = await newClient({ notAfter })
      const { certPem, chainPem, keyPem } = await newClient({ renews: old })
      for (const given of [old.certPem + chainPem, chainPem + old.certPem]) {
        const server = await bench.serve('good', { requestClientCertificate: 'request' })
        const seen = await bench.seenBy(server, await bench.create({ chainPem: given, keyPem }))
        const sent = seen?.peerCertificate?.raw
        // Another clause checks whether one is sent at all.
        const isValid = sent === undefined || new X509Certificate(certPem).raw.equals(sent)
        check(isValid, 'the server saw the expired certificate')
      }
    },
  },
]

function verdictOf(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    check(false, `it threw ${describeValue(error)}`)
    return undefined
  }
}
