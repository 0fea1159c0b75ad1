import { request } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { quotable } from '@x/auth-core/base'
import { type AstraBundle, astra, explainTlsError } from '@x/tls-profiles'
import { shake } from '../protocol/dial.js'
import type { AddressReport } from '../report.js'
import { type Run, timed } from '../run.js'
import { parseTarget, type Target, UsageError } from '../target.js'
import { addressesOf } from './dns.js'
import type { Service } from './service.js'
import { tryAddresses } from './tcp.js'
import { judging } from './tls.js'
import type { Trust } from './trust.js'

/** The way to a database of DataStax Astra, as the driver takes it with its option `cloud`. */
export interface Cloud {
  /** The proxy in front of all nodes. */
  readonly proxy: Target
  /** Which of the nodes is meant: the proxy routes by SNI. */
  readonly servername: string
  readonly trust: Trust
  readonly service: Service
}

/** The bundle of a run, after it was read; a finding if it is not a bundle. */
export function bundleOf({ findings, given }: Run): AstraBundle | undefined {
  try {
    const { bundle } = astra({ bundle: given.bundle as string })
    parseTarget(`${bundle.host}:${bundle.port}`)
    bundle.profile(bundle.host)
    return bundle
  } catch (error) {
    if (error instanceof UsageError) {
      findings.add('BUNDLE_INVALID', 'Its config.json has no host and port.')
      return undefined
    }
    const diagnosis = explainTlsError(error)
    if (!diagnosis) throw error
    findings.addTls(diagnosis)
    return undefined
  }
}

/** Asks the metadata service, which is the target of this run, for the proxy and the nodes behind it. */
export async function cloudOf(
  run: Run,
  bundle: AstraBundle,
): Promise<{ readonly addresses: readonly AddressReport[]; readonly cloud: Cloud | undefined }> {
  const addresses = await tryAddresses(run, await addressesOf(run), 'metadata TCP')
  const address = addresses.find(({ outcome }) => outcome === 'open')?.address
  const found = address === undefined ? undefined : await metadataOf(run, bundle, address)
  if (!found) return { addresses, cloud: undefined }
  const { proxy, contactPoints, dataCenter } = found
  const facts = {
    'data center': quotable(dataCenter),
    proxy: `${proxy.host}:${proxy.port}`,
    'contact points': String(contactPoints.length),
    ...(bundle.hasCredentials && { credentials: 'in the bundle; the doctor does not use them' }),
  }
  const service = { kind: 'DataStax Astra', facts, publicRoots: false } as const
  const servername = contactPoints[0] as string
  return { addresses, cloud: { proxy, servername, trust: trustOfBundle(run, bundle, proxy), service } }
}

interface Metadata {
  readonly proxy: Target
  readonly contactPoints: readonly string[]
  readonly dataCenter: string
}

async function metadataOf(run: Run, bundle: AstraBundle, address: string): Promise<Metadata | undefined> {
  const { findings, budget } = run
  const { host, port } = bundle
  const profile = bundle.profile(host)
  run.progress('asking the metadata service')
  const at = { address, port }
  const shaken = await timed(run, 'metadata TLS handshake', shake(at, judging(profile), budget))
  if (shaken.kind === 'late') findings.add('CONNECT_TIMEOUT', 'The handshake was not complete in time.')
  if (shaken.kind === 'refused') {
    const diagnosis = explainTlsError(shaken.error, profile)
    if (diagnosis) findings.addTls(diagnosis)
    else findings.add('HANDSHAKE_FAILED', shaken.error.message)
  }
  if (shaken.kind !== 'secure') return undefined
  const late = { problem: 'It does not answer in time.' }
  const answer = await timed(run, 'metadata', budget.within(get(shaken.socket, host), late))
  shaken.socket.destroy()
  const read = 'problem' in answer ? answer : readMetadata(answer)
  if (!('problem' in read)) return read
  findings.add('METADATA_UNUSABLE', `${host}:${port}/metadata. ${read.problem}`)
  return undefined
}

/** An answer has some kilobytes. */
const maxBody = 256 * 1024

interface Problem {
  readonly problem: string
}

interface HttpAnswer {
  readonly status: number
  readonly body: string
}

/** One request on an open connection. */
function get(socket: TLSSocket, host: string): Promise<HttpAnswer | Problem> {
  return new Promise((resolve) => {
    const asked = request({ path: '/metadata', headers: { host }, createConnection: () => socket })
    asked.once('response', (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        chunks.push(chunk)
        if (size <= maxBody) return
        resolve({ problem: 'Its answer does not end.' })
        socket.destroy()
      })
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      )
      response.once('error', () => resolve({ problem: 'Its answer is cut short.' }))
    })
    asked.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ problem: `It does not speak HTTP, or closes: ${error.code ?? error.name}.` }),
    )
    asked.end()
  })
}

/** More nodes than a database has contact points. */
const maxContactPoints = 100

/** Reads what the driver reads of it. The driver would accept anything there. */
function readMetadata({ status, body }: HttpAnswer): Metadata | Problem {
  if (status !== 200) return { problem: `It answers with the HTTP status ${status}.` }
  const info = contactInfoIn(body)
  if (!info) return { problem: 'Its answer has no contact_info.' }
  const { contact_points: points, local_dc: dataCenter, sni_proxy_address: proxyAddress } = info
  const contactPoints = Array.isArray(points) ? points.slice(0, maxContactPoints).filter(isName) : []
  if (contactPoints.length === 0) return { problem: 'It has no contact point.' }
  if (typeof dataCenter !== 'string' || dataCenter === '') return { problem: 'It has no data center.' }
  const proxy = proxyIn(proxyAddress)
  return proxy ? { proxy, contactPoints, dataCenter } : { problem: 'It has no proxy address.' }
}

function contactInfoIn(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const info: unknown = (JSON.parse(body) as { contact_info?: unknown } | null)?.contact_info
    return typeof info === 'object' && info !== null ? { ...info } : undefined
  } catch {
    return undefined
  }
}

/** Whether this can be sent as SNI; in Astra it is the id of a node. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$/.test(value)
}

function proxyIn(value: unknown): Target | undefined {
  if (typeof value !== 'string' || !/:\d+$/.test(value)) return undefined
  try {
    return parseTarget(value)
  } catch {
    return undefined
  }
}

/** Trust from what is in the bundle. The name to expect is that of the proxy, as in the driver. */
function trustOfBundle({ given }: Run, bundle: AstraBundle, { host }: Target): Trust {
  const profile = bundle.profile(host)
  return {
    isGiven: true,
    sendsCertificate: true,
    profile: () => profile,
    options: () => ({ bundle: given.bundle }),
    anchorOf(top) {
      const subjects = [top.fingerprint256, top.issuer?.split('\n').join(', ')]
      const found = bundle.ca.find(
        ({ fingerprint256, subject }) => fingerprint256 === subjects[0] || subject === subjects[1],
      )
      return found && { subject: found.subject, from: 'bundle' }
    },
  }
}
