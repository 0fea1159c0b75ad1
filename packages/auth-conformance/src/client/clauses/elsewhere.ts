import { Duplex } from 'node:stream'
import type { ClientClause } from '../clause.js'

/** Options that lead a connection to another place than the driver chose. */
const leading = {
  host: '192.0.2.1',
  port: 1,
  path: 'a.sock',
  lookup: () => undefined,
  socket: new Duplex(),
}

/** Options that no connection knows: other ways to connect, and misspelt protections. */
const unknown = {
  fd: 3,
  _handle: {},
  rejectUnauthorised: true,
  checkServerIdentiy: () => undefined,
  cipher: 'HIGH',
}

/** Options that bypass the check of the server, or the driver. */
const unwatched = {
  session: Buffer.alloc(100),
  onread: { buffer: Buffer.alloc(100), callback: () => true },
}

/** The driver decides where to connect. */
export const elsewhereClauses: readonly ClientClause[] = [
  {
    id: 'CLIENT-40',
    level: 'must',
    source: "driver's contract: sslOptions are copied over the host and port of each connection",
    title: 'refuses options that lead connections elsewhere: host, port, path, lookup, socket',
    async run(bench) {
      for (const [name, value] of Object.entries(leading)) {
        const sslOptions = await bench.verifying({ [name]: value })
        bench.refuses(bench.options({ sslOptions }), `sslOptions.${name}`)
      }
    },
  },
  {
    id: 'CLIENT-41',
    level: 'must',
    source: 'Node.js: tls.connect ignores what it does not know',
    title: 'refuses names in sslOptions that a connection does not know, such as a misspelt protection',
    async run(bench) {
      for (const [name, value] of Object.entries(unknown)) {
        const sslOptions = await bench.verifying({ [name]: value })
        bench.refuses(bench.options({ sslOptions }), `sslOptions.${name}`)
      }
    },
  },
  {
    id: 'CLIENT-42',
    level: 'must',
    source:
      'Node.js: tls.connect does not check the name of a server that resumes a session, and onread takes its bytes',
    title: 'refuses in sslOptions a session and an onread that no profile watches',
    async run(bench) {
      for (const [name, value] of Object.entries(unwatched)) {
        const sslOptions = await bench.verifying({ [name]: value })
        bench.refuses(bench.options({ sslOptions }), `sslOptions.${name}`)
      }
    },
  },
]
