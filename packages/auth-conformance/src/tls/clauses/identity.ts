import type { ServerTlsOptions, TestServer } from '@x/auth-testserver'
import { check } from '../../clause.js'
import { describeValue } from '../../lib/time/waiting.js'
import type { TlsBench } from '../bench.js'
import { can, type TlsClause } from '../clause.js'

/** The name in the certificate of another server. That certificate is correct. */
const name = 'db.example.org'

/**
 * Texts that are not a name, but from which a URL parser makes `name`: it cuts something off or drops it. A program
 * that checks only the end of such a text would take it for one of its own names.
 */
const noNames = [
  ...['/', '?', '#', '\\', ':'].flatMap((cut) => [`${name}${cut}`, `${name}${cut}.example.com`]),
  ...['\t', '\n', '\r'].flatMap((dropped) => [`${name}${dropped}`, name.replace('.', `${dropped}.`)]),
  ` ${name}`,
  `https://${name}`,
  `x@${name}`,
]

const uri = 'spiffe://a.example/ns/prod/sa/cassandra'

/** The URIs of other servers of the same authority. Each is similar to the right one. */
const otherUris = {
  'another trust domain': uri.replace('a.example', 'b.example'),
  'a trust domain that begins as the right one does': uri.replace('a.example', 'a.example.evil'),
  'another workload': `${uri}-2`,
  'a workload below the right one': `${uri}/x`,
}

/** The facts about the server that options get, in addition to its authority. */
export const identityClauses: readonly TlsClause[] = [
  {
    id: 'TLS-16',
    level: 'must',
    source: 'RFC 9525 §6; this suite: a parser of URLs cuts a name at / ? # \\ and drops tab and line feed',
    title: 'uses the name of a server as it is given or refuses it, and never a part of it',
    notFor: can('expectName'),
    async run(bench) {
      const server = await bench.serve('otherName', asking(bench))
      check(await connects(bench, server, () => expectName(bench, name)), `connect() to ${name} failed`)
      for (const given of noNames) {
        const connected = await connects(bench, server, () => expectName(bench, given))
        check(!connected, `with ${JSON.stringify(given)} it connected to ${name}`)
      }
    },
  },
  {
    id: 'TLS-17',
    level: 'must',
    source: 'RFC 6066 §3: the name is sent without a trailing dot',
    title: 'drops the dot at the end of an absolute name, when it compares the name and when it sends it',
    notFor: can('expectName'),
    async run(bench) {
      const server = await bench.serve('otherName', asking(bench))
      const options = await expectName(bench, `${name}.`).catch(() => undefined)
      const seen = options && (await bench.seenBy(server, options))
      check(seen !== undefined, `with a dot at its end connect() to ${name} failed`)
      check(!seen.servername?.endsWith('.'), `the client asked for ${describeValue(seen.servername)}`)
    },
  },
  {
    id: 'TLS-18',
    level: 'should',
    source: 'SPIFFE X509-SVID §2, §5.2; RFC 9525 §6.5',
    title: 'knows a server by the URI of its certificate: the whole URI, not one with the same beginning',
    notFor: can('expectUri'),
    async run(bench) {
      const right = await meshServer(bench, uri)
      check(await connects(bench, right, () => expectUri(bench, uri)), `connect() to ${uri} failed`)
      for (const [what, other] of Object.entries(otherUris)) {
        const connected = await connects(bench, await meshServer(bench, other), () => expectUri(bench, uri))
        check(!connected, `connected to ${what}, ${other}`)
      }
      const named = await bench.serve('good', asking(bench))
      check(
        !(await connects(bench, named, () => expectUri(bench, uri))),
        'connected to a server with a name and no URI',
      )
    },
  },
]

function asking({ subject }: TlsBench): Partial<ServerTlsOptions> {
  return { requestClientCertificate: subject.traits.clientCertificate ? 'request' : 'none' }
}

/** A server certificate as in a service mesh: no name and no subject. */
async function meshServer(bench: TlsBench, ofServer: string): Promise<TestServer> {
  const { ca } = await bench.certificates()
  const { chainPem: cert, keyPem: key } = await ca.issue({
    usage: 'server',
    commonName: false,
    uris: [ofServer],
  })
  return bench.serve('good', { cert, key, ...asking(bench) })
}

async function expectName(bench: TlsBench, given: string): Promise<object> {
  return bench.closing((await bench.subject.expectName?.(await bench.scenario(), given)) ?? {})
}

async function expectUri(bench: TlsBench, given: string): Promise<object> {
  return bench.closing((await bench.subject.expectUri?.(await bench.scenario(), given)) ?? {})
}

/** Whether such options are made, and connect. */
async function connects(bench: TlsBench, server: TestServer, make: () => Promise<object>): Promise<boolean> {
  const options = await make().catch(() => undefined)
  return options !== undefined && !(await bench.connect(server, options))
}
