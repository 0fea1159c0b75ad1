import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestServer } from '@x/auth-testserver'
import { check } from '../../clause.js'
import type { TlsBench } from '../bench.js'
import { can, needs, type TlsClause } from '../clause.js'

/** A server that asks for a client certificate. */
const asking = { requestClientCertificate: 'request' } as const

/**
 * Node.js does not verify a resumed connection. So its session must come from a connection that was verified with the
 * current material, to the same server. Options that resume nothing keep these promises anyway.
 */
export const sessionClauses: readonly TlsClause[] = [
  {
    id: 'TLS-60',
    level: 'must',
    source: 'Node.js: checkServerIdentity is not called if a session is resumed',
    title:
      'refuses a server of another name that resumes the session of an earlier server, unless it sends one name to all',
    notFor: needs('name'),
    async run(bench) {
      const ticketKeys = randomBytes(48)
      const right = await bench.serve('good', { ticketKeys, ...asking })
      const other = await bench.serve('otherName', { ticketKeys, ...asking })
      const without = await bench.serve('otherName', asking)
      const options: { readonly servername?: unknown } = await bench.create()
      // Then every server is expected to have that name, and a server that resumes the session has a key of a server
      // with that name.
      if (options.servername !== undefined) return
      if (await bench.connect(right, options)) return
      // If names are not checked, the session is not the reason.
      if (!(await bench.connect(without, options))) return
      check((await bench.connect(other, options)) !== undefined, 'connected to a server of another name')
    },
  },
  {
    id: 'TLS-61',
    level: 'must',
    source: 'RFC 8446 §4.6.1; this suite',
    title: 'refuses a server whose authority is no longer trusted, also if it resumes earlier sessions',
    notFor: (bench) => needs('chain')(bench) ?? can('reload')(bench),
    async run(bench) {
      const { ca, stranger, newClient } = await bench.certificates()
      const folder = mkdtempSync(join(tmpdir(), 'tls-clauses-'))
      bench.defer(() => rmSync(folder, { recursive: true }))
      const file = join(folder, 'ca.pem')
      writeFileSync(file, ca.certPem)
      const { chainPem: cert, keyPem: key } = await newClient()
      const own = bench.subject.traits.clientCertificate ? { cert, key } : {}
      const options = await bench.subject.load?.({ ca: file, ...own })
      if (options === undefined) return
      bench.defer(() => bench.subject.close?.(options))
      const server = await bench.serve('good', { ticketKeys: randomBytes(48), ...asking })
      if (!(await connectsTwice(bench, server, options))) return
      writeFileSync(file, stranger.certPem)
      await bench.subject.reload?.(options)
      const error = await bench.connect(server, options)
      check(error !== undefined, 'connected to a server of an authority that it no longer trusts')
    },
  },
  {
    id: 'TLS-62',
    level: 'must',
    source: 'RFC 8446 §4.6.1, §2.2: a server may forget its tickets at any time',
    title: 'connects to a server that has lost the keys of its sessions',
    async run(bench) {
      const server = await bench.serve('good', asking)
      const options = await bench.create()
      if (!(await connectsTwice(bench, server, options))) return
      server.setTls({ ...(await bench.serverTls('good')), ...asking })
      check(!(await bench.connect(server, options)), 'connect() failed once the keys were lost')
    },
  },
]

/** Whether it connects twice, perhaps with a session. If it does not connect at all, other clauses fail. */
async function connectsTwice(bench: TlsBench, server: TestServer, options: object): Promise<boolean> {
  return !(await bench.connect(server, options)) && !(await bench.connect(server, options))
}
