import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IssuedCertificate } from '@x/auth-testserver'
import { check } from '../clause.js'
import { isError } from '../lib/time/waiting.js'
import type { TlsBench } from './bench.js'
import type { GivenMaterial } from './subject.js'

/** Makes options from the given material. They are closed at the end of the clause. */
export async function load(bench: TlsBench, given: GivenMaterial): Promise<object> {
  return bench.closing((await bench.subject.load?.(given)) ?? {})
}

/** The error that refuses the options; undefined if they are made. */
export async function failureOf(make: () => Promise<object>): Promise<Error | undefined> {
  try {
    await make()
    return undefined
  } catch (error) {
    return isError(error) ? error : new Error('something else than an Error was thrown')
  }
}

/** A client certificate, for subjects that send one. */
export async function clientOf(bench: TlsBench): Promise<{ cert?: string; key?: string }> {
  if (!bench.subject.traits.clientCertificate) return {}
  const { chainPem: cert, keyPem: key } = await (await bench.certificates()).newClient()
  return { cert, key }
}

/** Throws unless a server gets this client certificate. */
export async function expectShown(
  bench: TlsBench,
  options: object,
  client: Pick<IssuedCertificate, 'certPem'>,
): Promise<void> {
  const server = await bench.serve('good', { requestClientCertificate: 'request' })
  const seen = (await bench.seenBy(server, options))?.peerCertificate?.fingerprint256
  check(
    seen === new X509Certificate(client.certPem).fingerprint256,
    `the server saw ${seen ? 'another certificate' : 'none'}`,
  )
}

/** Makes a new folder. It is removed at the end of the clause. */
export function folder(bench: TlsBench): string {
  const path = mkdtempSync(join(tmpdir(), 'conformance-tls-'))
  bench.defer(() => rmSync(path, { recursive: true }))
  return path
}
