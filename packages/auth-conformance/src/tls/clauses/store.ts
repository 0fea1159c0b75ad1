import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { check } from '../../clause.js'
import { checkSecret } from '../../lib/secrets.js'
import type { TlsBench } from '../bench.js'
import { can, type TlsClause } from '../clause.js'
import { expectShown, failureOf, folder } from '../given.js'
import { pkcs12 } from '../pkcs12.js'

/** The passphrases of the stores. No passphrase is not the same as an empty one. */
const passphrases: Readonly<Record<string, string | undefined>> = {
  'beyond Latin-1': 'пароль 鍵 €',
  'beyond ASCII': 'Schlüssel',
  empty: '',
  absent: undefined,
}

/** Stores of a certificate and its key. */
export const storeClauses: readonly TlsClause[] = [
  {
    id: 'TLS-56',
    level: 'should',
    source: 'RFC 7292 appendix B.1 (BMPString), RFC 8018 §3 (UTF-8); OpenSSL: PKCS12_parse',
    title: 'opens a PKCS #12 store whose passphrase is beyond ASCII, empty or absent',
    notFor: can('loadStore'),
    async run(bench) {
      const { newClient } = await bench.certificates()
      for (const [kind, passphrase] of Object.entries(passphrases)) {
        const client = await newClient()
        const file = write(bench, pkcs12(client, passphrase))
        let options = {}
        const error = await failureOf(async () => {
          options = await loadStore(bench, file, passphrase)
          return options
        })
        check(!error, `a store whose passphrase is ${kind} was refused`)
        await expectShown(bench, options, client)
      }
    },
  },
  {
    id: 'TLS-57',
    level: 'must',
    source: 'RFC 7292 §5.1; CWE-209',
    title: 'refuses a PKCS #12 store with a wrong passphrase, and does not show the passphrase',
    notFor: can('loadStore'),
    async run(bench) {
      const { newClient } = await bench.certificates()
      const file = write(bench, pkcs12(await newClient(), 'the right one'))
      const wrong = randomBytes(12).toString('hex')
      for (const [kind, passphrase] of Object.entries({ wrong, empty: '', absent: undefined })) {
        const error = await failureOf(() => loadStore(bench, file, passphrase))
        check(error !== undefined, `it took a store with a passphrase that is ${kind}`)
        checkSecret(error, [wrong], 'the error')
      }
    },
  },
]

async function loadStore(bench: TlsBench, pfx: string, passphrase: string | undefined): Promise<object> {
  const { ca } = await bench.certificates()
  return bench.closing((await bench.subject.loadStore?.({ ca: ca.certPem, pfx, passphrase })) ?? {})
}

function write(bench: TlsBench, store: Buffer): string {
  const file = join(folder(bench), 'client.p12')
  writeFileSync(file, store)
  return file
}
