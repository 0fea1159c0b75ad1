import type { SecureVersion } from 'node:tls'
import type { Address, Shaken } from '../protocol/dial.js'
import { shake } from '../protocol/dial.js'
import { acceptingAnything } from '../protocol/open.js'
import type { TlsReport } from '../report.js'
import type { Run } from '../run.js'

const versions: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

/** Each costs a connection; servers have about ten. */
const maxCiphers = 6

/** The outcome of each version: one handshake each, and for TLS 1.2 one more for each suite. */
export async function tlsVersionsOf(
  run: Run,
  at: Address,
): Promise<{
  readonly versions: TlsReport['versions']
  readonly ciphers: TlsReport['ciphers']
  /** The handshake of TLS 1.2, in which a server shows its certificates in the clear. */
  readonly readable: Shaken | undefined
}> {
  const found: TlsReport['versions'][number][] = []
  let readable: Shaken | undefined
  for (const version of versions) {
    run.progress(`asking for ${version}`)
    const shaken = await shake(
      at,
      { ...acceptingAnything, minVersion: version, maxVersion: version },
      run.budget,
    )
    if (shaken.kind === 'spent') break
    found.push({ version, accepted: tookUp(shaken, version), cipher: cipherOf(shaken) })
    if (version === 'TLSv1.2') readable = shaken
    close(shaken)
  }
  report(run, found)
  return { versions: found, ciphers: await ciphersOf(run, at, found), readable }
}

/** A hello in this version is the answer, whatever the handshake does next: it may fail because we sent no certificate. */
function tookUp(shaken: Shaken, version: string): boolean {
  return 'flight' in shaken && shaken.flight.version === version
}

function cipherOf(shaken: Shaken): string | undefined {
  if (shaken.kind === 'secure') return shaken.socket.getCipher().name
  const number = 'flight' in shaken ? shaken.flight.cipher : undefined
  return number === undefined ? undefined : `0x${number.toString(16).padStart(4, '0')}`
}

function report(run: Run, found: TlsReport['versions']): void {
  const accepted = found.filter((each) => each.accepted).map(({ version }) => version)
  const old = accepted.filter((version) => version === 'TLSv1' || version === 'TLSv1.1')
  if (accepted.length === 0) run.findings.add('TLS_NO_VERSION')
  else if (old.length === accepted.length) run.findings.add('TLS_VERSION_OLD', old.join(', '))
  else if (old.length > 0) run.findings.add('TLS_VERSION_LEGACY', old.join(', '))
}

/** Leaves out one suite after the other, until the server finds none. */
async function ciphersOf(run: Run, at: Address, found: TlsReport['versions']): Promise<readonly string[]> {
  const first = found.find(({ version, accepted }) => version === 'TLSv1.2' && accepted)?.cipher
  if (first === undefined || first.startsWith('0x')) return []
  const ciphers = [first]
  while (ciphers.length < maxCiphers) {
    run.progress('asking for cipher suites')
    const without = ciphers.map((name) => `:!${name}`).join('')
    const options = {
      ...acceptingAnything,
      maxVersion: 'TLSv1.2',
      ciphers: `DEFAULT${without}@SECLEVEL=0`,
    } as const
    const shaken = await shake(at, options, run.budget)
    const name = shaken.kind === 'secure' ? shaken.socket.getCipher().name : undefined
    close(shaken)
    if (name === undefined) break
    ciphers.push(name)
  }
  return ciphers
}

function close(shaken: Shaken): void {
  if (shaken.kind === 'secure') shaken.socket.destroy()
}
