import { types } from 'node:util'
import type { IssuedCertificate } from '@x/auth-testserver'
import { check } from '../../clause.js'
import { checkBytes, checkReachable, checkSecret, shownIn } from '../../lib/secrets.js'
import { describeValue } from '../../lib/time/waiting.js'
import { watchTimers } from '../../lib/time/watch-timers.js'
import { watchOutput } from '../../lib/watch-output.js'
import type { TlsBench } from '../bench.js'
import { needs, type TlsClause } from '../clause.js'

/** What the options contain, how often they make it, and who can see it. */
export const materialClauses: readonly TlsClause[] = [
  {
    id: 'TLS-10',
    level: 'should',
    source: 'this suite: 0.3 ms of CPU per connection with one authority, 20 ms with the roots of the system',
    title: 'shares one secureContext between connections',
    async run(bench) {
      const options = (await bench.create()) as { secureContext?: unknown }
      check(
        Object.hasOwn(options, 'secureContext'),
        'there is no secureContext: each connection makes its own',
      )
      const first = options.secureContext
      check(typeof first === 'object' && first !== null, `secureContext is ${describeValue(first)}`)
      check(options.secureContext === first, 'each connection gets its own context')
    },
  },
  {
    id: 'TLS-11',
    level: 'should',
    source: 'this suite; CWE-532',
    title: 'has no private key among its properties, and shows none when it is inspected or turned into JSON',
    notFor: needs('clientCertificate'),
    async run(bench) {
      const client = await newClient(bench)
      const options = await bench.create(client)
      checkReachable(options, linesOf(client), 'sslOptions')
      checkSecret(options, linesOf(client), 'sslOptions')
    },
  },
  {
    id: 'TLS-12',
    level: 'must',
    source: 'this suite; CWE-209',
    title: 'shows no private key in the error when it refuses a server',
    notFor: (bench) => needs('clientCertificate')(bench) ?? needs('chain')(bench),
    async run(bench) {
      const client = await newClient(bench)
      const errors: Error[] = []
      for (const kind of ['ofStranger', 'otherName'] as const) {
        const error = await bench.connect(await bench.serve(kind), await bench.create(client))
        if (error) errors.push(error)
      }
      check(errors.length > 0, 'it refuses no server')
      for (const error of errors) checkSecret(error, linesOf(client), 'the error of connect()')
    },
  },
  {
    id: 'TLS-13',
    level: 'must',
    source: 'this suite; CWE-532',
    title: 'writes no private key to the console or as a warning',
    notFor: needs('clientCertificate'),
    async run(bench) {
      const written: string[] = []
      bench.defer(watchOutput((text) => written.push(text)))
      const client = await newClient(bench)
      const options = await bench.create(client)
      await bench.connect(await bench.serve('good', { requestClientCertificate: 'request' }), options)
      await bench.connect(await bench.serve('ofStranger'), options)
      const shown = shownIn(written.join('\n'), linesOf(client))
      check(shown === undefined, `the key was written ${shown} to the output`)
    },
  },
  {
    id: 'TLS-14',
    level: 'should',
    source: 'this suite',
    title: 'has no timer that keeps the process alive',
    async run(bench) {
      const watch = watchTimers()
      bench.defer(() => watch.close())
      await bench.certificates()
      await watch.run(() => bench.create())
      const kept = await watch.keepingAlive()
      check(kept === 0, `${kept} timers keep the process alive`)
    },
  },
  {
    id: 'TLS-15',
    level: 'must',
    source: 'this suite; CWE-532: the driver copies its options, and a session holds the key of a connection',
    title: 'shows no TLS session that it resumes, nor in a copy, when it is inspected or turned into JSON',
    async run(bench) {
      const { clientCertificate } = bench.subject.traits
      const requestClientCertificate = clientCertificate ? 'request' : 'none'
      const server = await bench.serve('good', { requestClientCertificate })
      const options: { readonly session?: unknown } = await bench.create()
      if (!('session' in options)) return
      await bench.connect(server, options)
      // The session that the driver would get for the next connection, and a copy that is made at that moment.
      let session: Buffer | undefined
      let copy: { readonly session?: unknown } = {}
      await bench.connect(server, options, (client) => {
        client.on('log', (_level, _class, message) => {
          if (session !== undefined || !message.startsWith('Connecting to ')) return
          copy = { ...options }
          if (types.isUint8Array(copy.session)) session = Buffer.from(copy.session)
        })
      })
      const offered = session
      if (offered === undefined) return
      // Parts of 32 bytes: headers are the same in all sessions, and the key comes somewhere after them.
      const windows = [32, 64, 96].map((at) => offered.subarray(at, at + 32))
      for (const [where, value] of [
        ['sslOptions', options],
        ['a spread copy', copy],
      ] as const) {
        checkBytes(value, windows, where)
        checkBytes((value as { session?: unknown }).session, windows, `the session of ${where}`)
      }
    },
  },
]

/** A key that no other clause uses, so that a shown key belongs to this clause. */
async function newClient(bench: TlsBench): Promise<IssuedCertificate> {
  return (await bench.certificates()).newClient()
}

function linesOf({ keyPem }: IssuedCertificate): string[] {
  // The first line is the same for every key of this kind: the algorithm, and the start of the key.
  return keyPem
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('-----'))
    .slice(1)
}
