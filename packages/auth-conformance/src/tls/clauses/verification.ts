import { check } from '../../clause.js'
import { describeValue } from '../../lib/time/waiting.js'
import type { ServerKind, TlsBench } from '../bench.js'
import { needs, type TlsClause } from '../clause.js'

const untrusted: Readonly<Partial<Record<ServerKind, string>>> = {
  ofStranger: 'an authority that is not trusted',
  expired: 'the right authority, expired a day ago',
  notYetValid: 'the right authority, valid from tomorrow',
}

/** Which servers the options accept. */
export const verificationClauses: readonly TlsClause[] = [
  {
    id: 'TLS-01',
    level: 'must',
    source: "driver's contract: sslOptions are read at every connection",
    title:
      'connects the stock driver to the server that it should trust, and another client with the same options',
    async run(bench) {
      const server = await bench.serve('good', clientAuth(bench))
      const options = await bench.create()
      for (const client of ['first', 'second']) {
        const error = await bench.connect(server, options)
        check(!error, `connect() of the ${client} client failed: ${describeValue(innermost(error))}`)
      }
    },
  },
  {
    id: 'TLS-02',
    level: 'must',
    source: 'RFC 5280 §6',
    title: 'refuses a server whose certificate comes from an unknown CA, or has expired',
    notFor: needs('chain'),
    async run(bench) {
      for (const [kind, issuer] of Object.entries(untrusted)) {
        const server = await bench.serve(kind as ServerKind)
        const error = await bench.connect(server, await bench.create())
        check(error !== undefined, `connected to a server whose certificate is signed by ${issuer}`)
      }
    },
  },
  {
    id: 'TLS-03',
    level: 'must',
    source: 'RFC 9525 §6',
    title: 'refuses a server whose certificate is valid but for another name',
    notFor: needs('name'),
    async run(bench) {
      const server = await bench.serve('otherName')
      const error = await bench.connect(server, await bench.create())
      check(error !== undefined, 'connected to a server whose certificate names another')
    },
  },
  {
    id: 'TLS-04',
    level: 'must',
    source: 'RFC 8996',
    title: 'refuses TLS 1.1 and older',
    async run(bench) {
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
      const error = await bench.connect(await bench.serve('good', old), await bench.create())
      check(error !== undefined, 'connected with TLS 1.1')
    },
  },
  {
    id: 'TLS-05',
    level: 'must',
    source: 'Cassandra: client_encryption_options.require_client_auth',
    title: 'sends the certificate of the client to a server that asks for one',
    notFor: needs('clientCertificate'),
    async run(bench) {
      const server = await bench.serve('good', clientAuth(bench))
      const seen = await bench.seenBy(server, await bench.create())
      check(seen?.peerCertificate !== undefined, 'the server saw no certificate of the client')
    },
  },
  {
    id: 'TLS-06',
    level: 'must',
    source: 'RFC 5280 §6',
    title: 'refuses a server whose certificate is signed by its own key',
    notFor: needs('chain'),
    async run(bench) {
      const error = await bench.connect(await bench.serve('selfSigned'), await bench.create())
      check(error !== undefined, 'connected to a server with a self-signed certificate')
    },
  },
  {
    id: 'TLS-07',
    level: 'should',
    source: 'Cassandra: client_encryption_options.accepted_protocols',
    title: 'connects to a server that speaks TLS 1.2 and no newer version',
    async run(bench) {
      const server = await bench.serve('good', { ...clientAuth(bench), maxVersion: 'TLSv1.2' })
      const error = await bench.connect(server, await bench.create())
      check(!error, `connect() failed: ${describeValue(innermost(error))}`)
    },
  },
  {
    id: 'TLS-08',
    level: 'should',
    source: 'RFC 9525 §2',
    title: 'does not accept the common name as the name of a server',
    notFor: needs('name'),
    async run(bench) {
      // Another clause checks whether it compares names at all.
      if (!(await bench.connect(await bench.serve('otherName'), await bench.create()))) return
      const server = await bench.serve('onlyCommonName')
      const error = await bench.connect(server, await bench.create())
      check(error !== undefined, 'connected to a server that has the name only as its common name')
    },
  },
  {
    id: 'TLS-09',
    level: 'should',
    source: 'RFC 5280 §6.1.1 (d): the relying party chooses its trust anchors',
    title: 'trusts the given self-signed certificate of a server, even if its key may not sign others',
    notFor: needs('chain'),
    async run(bench) {
      const { servers } = await bench.certificates()
      const server = await bench.serve('selfSigned', clientAuth(bench))
      const options = await bench.create(undefined, { ca: servers.selfSigned.certPem })
      const error = await bench.connect(server, options)
      check(!error, `connect() failed: ${describeValue(innermost(error))}`)
    },
  },
]

/** The server asks for the certificate that the options promise to send. */
function clientAuth({ subject }: TlsBench) {
  return { requestClientCertificate: subject.traits.clientCertificate ? 'request' : 'none' } as const
}

function innermost(error: Error | undefined): unknown {
  return Object.values((error as { innerErrors?: object } | undefined)?.innerErrors ?? {})[0] ?? error
}
