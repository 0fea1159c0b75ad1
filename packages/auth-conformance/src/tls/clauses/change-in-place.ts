import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { check } from '../../clause.js'
import { can, needs, type TlsClause } from '../clause.js'
import { clientOf, folder, load } from '../given.js'

/** The time of modification of both states of the file. */
const longAgo = new Date('2020-01-01T00:00:00Z')

export const changeInPlaceClauses: readonly TlsClause[] = [
  {
    id: 'TLS-55',
    level: 'should',
    source: 'stat(2): st_ctime; rsync --inplace --times and cp --preserve keep size and time of modification',
    title:
      'notices, when it reads its files again, one that was changed in place and kept its size and times',
    notFor: (bench) => needs('chain')(bench) ?? can('load')(bench) ?? can('reload')(bench),
    async run(bench) {
      const { ca, stranger } = await bench.certificates()
      const file = join(folder(bench), 'ca.pem')
      const size = Math.max(ca.certPem.length, stranger.certPem.length)
      const publish = (pem: string) => {
        writeFileSync(file, pem.padEnd(size, '\n'))
        utimesSync(file, longAgo, longAgo)
      }
      publish(ca.certPem)
      const options = await load(bench, { ...(await clientOf(bench)), ca: file })
      const asking = { requestClientCertificate: 'request' } as const
      check(!(await bench.connect(await bench.serve('good', asking), options)), 'connect() failed before')
      publish(stranger.certPem)
      await bench.subject.reload?.(options)
      const error = await bench.connect(await bench.serve('ofStranger', asking), options)
      check(!error, 'it does not trust the authority that the file has now')
    },
  },
]
