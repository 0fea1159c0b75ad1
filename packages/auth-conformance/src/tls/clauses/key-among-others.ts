import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { check } from '../../clause.js'
import { can, needs, type TlsClause } from '../clause.js'
import { expectShown, failureOf, folder, load } from '../given.js'

export const keyAmongOthersClauses: readonly TlsClause[] = [
  {
    id: 'TLS-54',
    level: 'should',
    source: 'RFC 7468 §2: a file may have several; OpenSSL reads the first and does not look further',
    title: 'uses the private key of the certificate if a file has several, and refuses a file without it',
    notFor: (bench) => can('load')(bench) ?? needs('clientCertificate')(bench),
    async run(bench) {
      const { ca, newClient } = await bench.certificates()
      const [own, { keyPem: other }, { keyPem: another }] = [
        await newClient(),
        await newClient(),
        await newClient(),
      ]
      const file = join(folder(bench), 'tls.key')
      const given = { ca: ca.certPem, cert: own.chainPem, key: file }
      for (const keys of [other + own.keyPem, own.keyPem + other]) {
        writeFileSync(file, keys)
        await expectShown(bench, await load(bench, given), own)
      }
      writeFileSync(file, other + another)
      const refused = await failureOf(() => load(bench, given))
      check(refused !== undefined, 'it took two keys of which none belongs to the certificate')
    },
  },
]
