import type { ConnectionOptions } from 'node:tls'
import { quotable } from '@x/auth-core/base'
import type { Address } from '../protocol/dial.js'
import { encodeFrame, type Frame } from '../protocol/frames.js'
import { open } from '../protocol/open.js'
import { BodyReader } from '../protocol/values.js'
import type { ProtocolReport } from '../report.js'
import type { Run } from '../run.js'

/** What the doctor speaks, the best first: the driver speaks these too. */
const spoken = [4, 3] as const

/** DSE's own versions, which its servers do not list. */
const dseVersions: Readonly<Record<number, string>> = { 65: 'DSE v1', 66: 'DSE v2' }

/** Longer than real lists. */
const maxValues = 50

/** The versions and SUPPORTED, from the answer to OPTIONS; asks again if that answer does not list the versions. */
export async function protocolOf(
  run: Run,
  at: Address,
  tls: ConnectionOptions | undefined,
  options: Frame | undefined,
): Promise<(ProtocolReport & { readonly number: number | undefined }) | undefined> {
  if (!options) return undefined
  const supported = supportedOf(options)
  const listed = supported['PROTOCOL_VERSIONS']?.map((each) => each.split('/')[1] ?? each)
  const asked = listed ? [] : await ask(run, at, tls, options)
  const versions = listed ?? asked.map((version) => dseVersions[version] ?? `v${version}`)
  const number = spoken.find((version) => versions.some((each) => each === `v${version}`))
  if (number === undefined)
    run.findings.add('PROTOCOL_UNSUPPORTED', `It speaks ${versions.join(', ') || 'none that we know'}.`)
  return { versions, supported, spoken: number === undefined ? undefined : `v${number}`, number }
}

/** The content of SUPPORTED, in a form that is safe to print; empty for any other message. */
function supportedOf({ opcode, body }: Frame): Readonly<Record<string, readonly string[]>> {
  if (opcode !== 'SUPPORTED') return {}
  try {
    const entries = Object.entries(new BodyReader(body).multimap()).slice(0, maxValues)
    return Object.fromEntries(
      entries.map(([key, values]) => [
        quotable(key),
        values.slice(0, maxValues).map((value) => quotable(value)),
      ]),
    )
  } catch {
    return {}
  }
}

/** One connection for each version: a server closes the connection after a version that it does not know. */
async function ask(
  run: Run,
  at: Address,
  tls: ConnectionOptions | undefined,
  first: Frame,
): Promise<number[]> {
  const known = first.opcode === 'SUPPORTED' ? [first.version] : []
  for (const version of [3, 4, 5, 0x41, 0x42].filter((each) => !known.includes(each))) {
    run.progress('asking for versions of the protocol')
    const opened = await open(at, tls, run.budget)
    if (opened.kind !== 'open') continue
    opened.wire.write(encodeFrame(version, 'OPTIONS'))
    const answer = await opened.wire.answer()
    opened.wire.close()
    if (answer.kind !== 'frame') continue
    if (answer.frame.opcode === 'SUPPORTED' && answer.frame.version === version) known.push(version)
  }
  return known.sort((a, b) => a - b)
}
