import { quotable } from '@x/auth-core/base'
import type { FindingCode } from '../findings/table.js'
import { showsCertificate } from '../options.js'
import { type Address, type Shaken, shake } from '../protocol/dial.js'
import { encodeFrame, type Frame } from '../protocol/frames.js'
import { acceptingAnything, open } from '../protocol/open.js'
import { type Answer, Wire } from '../protocol/wire.js'
import type { Listener } from '../report.js'
import type { Run } from '../run.js'
import { isBegun, reportAnswer } from './answers.js'
import { isTlsAlert, listenerOf, questions } from './banner.js'

/** What listens on the port, and what the next steps need. */
export interface Identified {
  readonly listener: Listener
  /** The answer to OPTIONS; undefined if it could not be asked. */
  readonly options: Frame | undefined
  /** Whether CQL came back, even if it cannot be read. */
  readonly answers: boolean
  /** Whether the port speaks TLS. */
  readonly tls: boolean
  /** Whether the port speaks CQL without TLS. */
  readonly plain: boolean
  /** The outcome of the handshake that accepts everything. */
  readonly shaken: Shaken | undefined
}

const codes: Readonly<Partial<Record<Listener, FindingCode>>> = {
  'tls without cql': 'TLS_WITHOUT_CQL',
  http: 'LISTENER_HTTP',
  thrift: 'LISTENER_THRIFT',
  storage: 'LISTENER_STORAGE',
  ssh: 'LISTENER_SSH',
  redis: 'LISTENER_REDIS',
  postgres: 'LISTENER_POSTGRES',
  mysql: 'LISTENER_MYSQL',
  'smtp or ftp': 'LISTENER_MAIL_OR_FTP',
  unknown: 'LISTENER_UNKNOWN',
  silent: 'LISTENER_SILENT',
  closes: 'LISTENER_CLOSES',
  resets: 'LISTENER_RESETS',
  floods: 'LISTENER_FLOODS',
}

/** The defaults of storage_port and ssl_storage_port in cassandra.yaml. */
const storagePorts = [7000, 7001]

/** All servers of today understand version 4, or refuse it with a frame of their own version. */
const options = encodeFrame(4, 'OPTIONS')

/** Asks in CQL, in TLS, and only then in other protocols. */
export async function identify(run: Run, at: Address): Promise<Identified> {
  run.progress('asking what listens')
  const plain = await askPlain(run, at)
  const known = plain?.kind === 'foreign' && !isTlsAlert(plain.bytes) ? listenerOf(plain.bytes) : undefined
  if (plain?.kind === 'foreign' && plain.flood) return result(run, 'floods', plain)
  if (known) return result(run, known, plain)
  const isPlain = plain !== undefined && isCqlAnswer(plain)
  run.progress('asking for TLS')
  const shaken = await shake(at, acceptingAnything, run.budget)
  const isTls = 'flight' in shaken && shaken.flight.isTls
  if (!isTls) {
    closeOf(shaken)
    if (isPlain)
      return {
        listener: 'cql',
        options: optionsIn(run, plain),
        answers: true,
        tls: false,
        plain: true,
        shaken: undefined,
      }
    return result(run, await stranger(run, at, plain), plain)
  }
  const inside = shaken.kind === 'secure' ? await askInside(run, shaken) : undefined
  if (isPlain)
    return { listener: 'cql', options: optionsIn(run, plain), answers: true, tls: true, plain: true, shaken }
  const isCql =
    inside === undefined ||
    isCqlAnswer(inside) ||
    wantsCertificate(inside) ||
    (endsAtOnce(inside) && (await asksForCertificate(run, at)))
  if (isCql)
    return {
      listener: 'cql over tls',
      options: optionsIn(run, inside),
      answers: inside !== undefined && isCqlAnswer(inside),
      tls: true,
      plain: false,
      shaken,
    }
  const { port } = run.given.target
  const listener = storagePorts.includes(port) ? 'storage' : 'tls without cql'
  return { ...result(run, listener, inside), tls: true, shaken }
}

/** Under TLS 1.3 the refusal of a client without a certificate comes after the handshake. */
function wantsCertificate(answer: Answer): boolean {
  return answer.kind === 'failed' && /ALERT/.test(answer.error.code ?? '')
}

/** The alert is lost if the server closes before our question arrives: Cassandra does this now and then. */
function endsAtOnce(answer: Answer): boolean {
  return (answer.kind === 'closed' || answer.kind === 'failed') && answer.bytes.length === 0
}

/** Seen in the clear under TLS 1.2. If the server speaks only TLS 1.3, a given certificate is tried. */
async function asksForCertificate(run: Run, at: Address): Promise<boolean> {
  const shaken = await shake(at, { ...acceptingAnything, maxVersion: 'TLSv1.2' }, run.budget)
  closeOf(shaken)
  const asks = 'flight' in shaken ? shaken.flight.asksForCertificate : undefined
  return asks ?? showsCertificate(run.given)
}

async function askPlain(run: Run, at: Address): Promise<Answer | undefined> {
  const opened = await open(at, undefined, run.budget)
  if (opened.kind === 'failed' && opened.error.code === 'ECONNRESET')
    return { kind: 'failed', error: opened.error, bytes: Buffer.alloc(0) }
  if (opened.kind !== 'open') return undefined
  opened.wire.write(options)
  return ended(opened.wire)
}

async function askInside(run: Run, shaken: Extract<Shaken, { kind: 'secure' }>): Promise<Answer> {
  const wire = new Wire(shaken.socket, run.budget)
  wire.write(options)
  return ended(wire)
}

async function ended(wire: Wire): Promise<Answer> {
  const answer = await wire.answer()
  wire.close()
  return answer
}

/** A frame of CQL, or the beginning of one. */
function isCqlAnswer(answer: Answer): boolean {
  if (answer.kind === 'silent' || answer.kind === 'closed') return isBegun(answer.bytes)
  return answer.kind === 'frame' || answer.kind === 'too large'
}

/** The answer to OPTIONS; a finding if it cannot be read. */
function optionsIn(run: Run, answer: Answer | undefined): Frame | undefined {
  if (answer?.kind === 'frame') return answer.frame
  if (answer && isCqlAnswer(answer)) reportAnswer(run, answer, 'OPTIONS')
  return undefined
}

function closeOf(shaken: Shaken): void {
  if (shaken.kind === 'secure') shaken.socket.destroy()
}

/** Names a server that speaks neither CQL nor TLS. */
async function stranger(run: Run, at: Address, first: Answer | undefined): Promise<Listener> {
  for (const { name, bytes } of questions) {
    run.progress(`asking in ${name}`)
    const opened = await open(at, undefined, run.budget)
    if (opened.kind !== 'open') continue
    opened.wire.write(bytes(run.given.target.host))
    const answer = await ended(opened.wire)
    const found = answer.kind === 'foreign' ? listenerOf(answer.bytes) : undefined
    if (found) return found
  }
  if (storagePorts.includes(run.given.target.port)) return 'storage'
  if (first?.kind === 'foreign') return 'unknown'
  if (first?.kind === 'failed') return 'resets'
  return first?.kind === 'closed' ? 'closes' : 'silent'
}

function result(run: Run, listener: Listener, answer: Answer | undefined): Identified {
  const code = codes[listener]
  if (code)
    run.findings.add(
      code,
      answer?.kind === 'foreign' ? `It says: ${quotable(answer.bytes.toString('latin1'), 80)}` : undefined,
    )
  return { listener, options: undefined, answers: false, tls: false, plain: false, shaken: undefined }
}
