import { spawn } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { IssuedCertificate } from '@x/auth-testserver'
import { check } from '../../clause.js'
import { checkSecret } from '../../lib/secrets.js'
import { can, needs, type TlsClause } from '../clause.js'
import { clientOf, expectShown, failureOf, folder, load } from '../given.js'

/** Forms of a key that a user may paste. None of them is a path. */
const writings: Readonly<Record<string, (pem: string) => string>> = {
  'a JWK': (pem) => JSON.stringify(createPrivateKey(pem).export({ format: 'jwk' })),
  'base64 of PEM': (pem) => Buffer.from(pem).toString('base64'),
  'base64url of PEM': (pem) => Buffer.from(pem).toString('base64url'),
  'base64 of DER': (pem) => derOf(pem).toString('base64'),
  'base64 of DER after a blank': (pem) => ` ${derOf(pem).toString('base64')}`,
  'base64 of DER in quotes': (pem) => `"${derOf(pem).toString('base64')}"`,
  'base64 of DER, cut off': (pem) => derOf(pem).toString('base64').slice(7),
  hexadecimal: (pem) => derOf(pem).toString('hex'),
  'PEM on one line': (pem) => pem.replaceAll('\n', ' '),
  'PEM with \\n as two characters': (pem) => pem.replaceAll('\n', '\\n'),
  'PEM without its boundaries': (pem) => pem.replaceAll(/-----[A-Z ]+-----/g, ''),
}

/** Many times the size of certificates, keys and revocation lists. It is a sparse file, so it uses no disk space. */
const largeSize = 64 << 20

/** How the material of a user is handled: paths, texts, and passphrases in files. */
export const givenClauses: readonly TlsClause[] = [
  {
    id: 'TLS-50',
    level: 'must',
    source: 'this suite; CWE-209',
    title: 'shows nothing of a private key in a form that it does not accept, such as base64 or a JWK',
    notFor: (bench) => can('load')(bench) ?? needs('clientCertificate')(bench),
    async run(bench) {
      const { ca, newClient } = await bench.certificates()
      for (const [writing, write] of Object.entries(writings)) {
        const client = await newClient()
        const given = { ca: ca.certPem, cert: client.chainPem, key: write(client.keyPem) }
        const error = await failureOf(() => load(bench, given))
        if (error) checkSecret(error, piecesOf(client.keyPem, given.key), `the error for ${writing}`)
      }
    },
  },
  {
    id: 'TLS-51',
    level: 'must',
    source: 'this suite: opening a FIFO blocks the process until another program opens its other end',
    title: 'refuses a FIFO that is given as a file',
    notFor: can('load'),
    async run(bench) {
      const { ca } = await bench.certificates()
      const fifo = join(folder(bench), 'ca.pem')
      // With a writer, so that a subject that reads it ends too, and its result shows the error.
      const writer = spawn(
        'sh',
        ['-c', 'mkfifo "$1" && echo made && printf %s "$2" > "$1"', 'sh', fifo, ca.certPem],
        {
          stdio: ['ignore', 'pipe', 'ignore'],
        },
      )
      bench.defer(() => writer.kill())
      await new Promise((resolve, reject) => writer.once('error', reject).stdout.once('data', resolve))
      const client = await clientOf(bench)
      check(
        (await failureOf(() => load(bench, { ...client, ca: fifo }))) !== undefined,
        'it was read, and without a writer the process would hang',
      )
    },
  },
  {
    id: 'TLS-52',
    level: 'should',
    source: 'this suite; CWE-770',
    title: 'refuses a file that is many times larger than certificates are',
    notFor: can('load'),
    async run(bench) {
      const { ca } = await bench.certificates()
      const file = join(folder(bench), 'ca.pem')
      writeFileSync(file, ca.certPem)
      truncateSync(file, largeSize)
      const client = await clientOf(bench)
      check(
        (await failureOf(() => load(bench, { ...client, ca: file }))) !== undefined,
        `${largeSize} bytes were read`,
      )
    },
  },
  {
    id: 'TLS-53',
    level: 'should',
    source: 'this suite: Strimzi and cert-manager renew a store and its password together',
    title: 'accepts a renewed key with its renewed passphrase file',
    notFor: (bench) => can('load')(bench) ?? needs('clientCertificate')(bench) ?? can('reload')(bench),
    async run(bench) {
      const { ca, newClient } = await bench.certificates()
      const [first, second] = [await newClient(), await newClient()]
      const at = folder(bench)
      const path = (name: string) => join(at, name)
      const publish = ({ chainPem, keyPem }: IssuedCertificate, passphrase: string) => {
        writeFileSync(path('tls.crt'), chainPem)
        writeFileSync(path('tls.key'), encrypted(keyPem, passphrase))
        writeFileSync(path('passphrase'), passphrase)
      }
      publish(first, 'the first')
      const passphrase = { path: path('passphrase') }
      const given = { ca: ca.certPem, cert: path('tls.crt'), key: path('tls.key'), passphrase }
      const options = await load(bench, given)
      await expectShown(bench, options, first)
      publish(second, 'the second')
      await bench.subject.reload?.(options)
      await expectShown(bench, options, second)
    },
  },
]

function encrypted(keyPem: string, passphrase: string): string {
  const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const
  return createPrivateKey(keyPem).export(options).toString()
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[A-Z ]+-----/g, ''), 'base64')
}

/** Parts of the key and of its written form, after the first quarter, which is the same for every key of that kind. */
function piecesOf(...texts: string[]): string[] {
  return texts.flatMap((text) => {
    const bare = text.replace(/-----[A-Z ]+-----|\s/g, '')
    const secret = bare.slice(Math.ceil(bare.length / 3))
    return secret.match(/.{16}/g) ?? []
  })
}
