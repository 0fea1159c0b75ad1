import type { X509Certificate } from 'node:crypto'
import type { ConnectionOptions } from 'node:tls'
import { explainTlsError, type TlsProfile } from '@x/tls-profiles'
import type { Address } from '../protocol/dial.js'
import { shake } from '../protocol/dial.js'
import { encodeFrame, type Frame } from '../protocol/frames.js'
import { acceptingAnything, open } from '../protocol/open.js'
import type { TlsReport } from '../report.js'
import { type Run, timed } from '../run.js'
import { reportAnswer } from './answers.js'
import { isSelfSigned } from './certificate.js'
import { chainOf, reportChain } from './chain.js'
import type { Identified } from './listener.js'
import { namePolicies } from './names.js'
import { tlsVersionsOf } from './tls-versions.js'
import { certificatesIn, hasNamesake, type ProfileChoice, type Trust } from './trust.js'

/** What TLS is like on this port, and how to continue. */
export interface TlsExamined {
  readonly report: TlsReport
  /** Options for the connections that follow: they verify the server if that is possible. */
  readonly connect: ConnectionOptions
  /** Whether `connect` verifies chain and name. */
  readonly verified: boolean
  /** The choice that `connect` was made from; for the code to paste. */
  readonly choice: ProfileChoice | undefined
  /** The answer to OPTIONS, if it is known by now. */
  readonly options: Frame | undefined
}

/** Versions, suites, chain, names, and the client's certificate. */
export async function examineTls(
  run: Run,
  at: Address,
  identified: Identified,
  trust: Trust,
): Promise<TlsExamined> {
  const { findings, given } = run
  const { versions, ciphers, readable } = await tlsVersionsOf(run, at)
  const chain = await chainOf(run, at, readable)
  const shown = reportChain(run, chain)
  const [leaf] = chain
  const accepted = versions.filter((each) => each.accepted).map(({ version }) => version)
  const tls13 = accepted.length === 1 && accepted[0] === 'TLSv1.3'
  const isModern = accepted.includes('TLSv1.2') || accepted.includes('TLSv1.3')
  const names =
    leaf && namePolicies(leaf, { address: at.address, host: given.target.host, servername: given.servername })
  const asked = readable && 'flight' in readable ? readable.flight.asksForCertificate : undefined
  // Without a certificate no answer came.
  const required = !identified.answers && accepted.length > 0
  const chainVerified = isModern && (await verifiesChain(run, at, trust, tls13, chain))
  if (names && names.chosen === undefined) reportNames(run, at, leaf as X509Certificate)
  else if (names && names.chosen !== 'address' && given.servername === undefined)
    findings.add('NAME_NOT_ADDRESS', `hostname: '${names.chosen}' passes.`)
  const choice = chainVerified && names?.chosen !== undefined ? { hostname: names.chosen, tls13 } : undefined
  const profile = choice && trust.profile(choice)
  if (profile?.explain().connectionRecord === false) findings.add('LOGINS_NOT_SEEN')
  const connect: ConnectionOptions = profile ? judging(profile) : unverified(trust, tls13)
  const client = await clientCertificate(run, at, connect, trust, {
    requested: asked ?? (required || undefined),
    required,
  })
  const top = chain.at(-1)
  return {
    report: {
      optional: identified.plain,
      versions,
      ciphers,
      chain: shown,
      trustedBy: top && chainVerified ? trust.anchorOf(top) : undefined,
      verified: profile !== undefined,
      hostnamePolicies: names?.policies ?? [],
      clientCertificate: client.report,
    },
    connect,
    verified: profile !== undefined,
    choice,
    options: client.options ?? identified.options,
  }
}

/** The options that the profile verifies with. Its `onread` watches a login of the driver, and there is no such login here. */
export function judging({ secureContext, checkServerIdentity, servername }: TlsProfile): ConnectionOptions {
  return {
    secureContext,
    checkServerIdentity,
    rejectUnauthorized: true,
    ...(servername !== undefined && { servername }),
  }
}

/** The same for the chain alone, whatever the name. */
function judgingChain(profile: TlsProfile): ConnectionOptions {
  return { ...judging(profile), checkServerIdentity: () => undefined }
}

/** Shows what is behind a server that is not verified: no credential goes over it unless the user allows it. */
function unverified(trust: Trust, tls13: boolean): ConnectionOptions {
  const profile = trust.sendsCertificate ? trust.profile({ hostname: 'address', tls13 }) : undefined
  return profile ? { secureContext: profile.secureContext, rejectUnauthorized: false } : acceptingAnything
}

/** OpenSSL's own verdict, with the profile that would be used, without the name. */
async function verifiesChain(
  run: Run,
  at: Address,
  trust: Trust,
  tls13: boolean,
  chain: readonly X509Certificate[],
): Promise<boolean> {
  const profile = trust.profile({ hostname: 'address', tls13 })
  if (!profile) return false
  run.progress('verifying the chain')
  const shaken = await timed(run, 'TLS handshake', shake(at, judgingChain(profile), run.budget))
  if (shaken.kind === 'secure') {
    shaken.socket.destroy()
    reportGap(run, chain)
    return true
  }
  if (shaken.kind === 'late') run.findings.add('CONNECT_TIMEOUT', 'The handshake was not complete in time.')
  if (shaken.kind === 'refused') reportRefusal(run, shaken.error, profile, trust, chain)
  return false
}

function reportRefusal(
  run: Run,
  error: Error,
  profile: TlsProfile,
  trust: Trust,
  chain: readonly X509Certificate[],
): void {
  const { findings, given } = run
  const diagnosis = explainTlsError(error, profile)
  if (!diagnosis) return findings.add('HANDSHAKE_FAILED', error.message)
  const { code } = diagnosis
  if (code === 'CLIENT_CERTIFICATE_REQUIRED') return // said once, below
  // Under TLS 1.2 a server that rejects our certificate says so here, or just closes.
  const isEnd = code === 'CONNECTION_CLOSED' || code === 'NO_COMMON_CIPHER'
  if (trust.sendsCertificate && isEnd) return findings.add('CLIENT_CERTIFICATE_REFUSED')
  const isUnknown = code === 'UNKNOWN_CA' || code === 'SELF_SIGNED'
  if (isUnknown && !trust.isGiven) return findings.add('TLS_CA_NOT_GIVEN', issuerText(chain))
  if (isUnknown) return findings.add(code, issuerText(chain, given.ca))
  // The certificates themselves have already shown more.
  if (
    code === 'SERVER_CERTIFICATE_UNFIT' &&
    (findings.has('CERTIFICATE_KEY_WEAK') || findings.has('CERTIFICATE_SIGNATURE_WEAK'))
  )
    return
  if (findings.has(code)) return
  findings.addTls(diagnosis)
}

function issuerText(chain: readonly X509Certificate[], files: readonly string[] = []): string | undefined {
  const top = chain.at(-1)
  if (!top) return undefined
  const issuer = top.issuer?.split('\n').join(', ') || 'a CA without a name'
  if (isSelfSigned(top))
    return chain.length === 1 ? `It was issued by itself: ${issuer}.` : `The chain ends at ${issuer}.`
  const sent = `The server sends ${chain.length === 1 ? 'its own certificate alone' : `${chain.length} certificates`}; the last was issued by ${issuer}.`
  if (hasNamesake(top, files)) return `${sent} Your CA has that name but another key: it was created again.`
  return `${sent} If that is an intermediate CA of yours, the server must send its certificate too; if not, it is the CA to trust.`
}

/** The chain is good only because this client has the intermediate certificate: another client does not have it. */
function reportGap(run: Run, chain: readonly X509Certificate[]): void {
  const top = chain.at(-1)
  if (!top || isSelfSigned(top)) return
  const issuer = run.given.ca.flatMap(certificatesIn).find(({ subject }) => subject === top.issuer)
  if (issuer && !isSelfSigned(issuer)) {
    run.findings.add(
      'CHAIN_INCOMPLETE',
      `${issuer.subject.split('\n').join(', ')} is in your CA file, and the server does not send it.`,
      {
        severity: 'warning',
      },
    )
  }
}

function reportNames(run: Run, at: Address, leaf: X509Certificate): void {
  const { servername, target } = run.given
  const wanted = servername ?? (target.host === at.address ? at.address : `${at.address} or ${target.host}`)
  run.findings.add(
    'NAME_MISMATCH',
    `The certificate is not for ${wanted}; its names are: ${leaf.subjectAltName ?? 'none'}.`,
  )
}

/** Whether the server accepts our certificate, or lets us in without one. */
async function clientCertificate(
  run: Run,
  at: Address,
  connect: ConnectionOptions,
  trust: Trust,
  { requested, required }: { requested: boolean | undefined; required: boolean },
): Promise<{ readonly report: TlsReport['clientCertificate']; readonly options: Frame | undefined }> {
  const { findings } = run
  const sent = trust.sendsCertificate
  const report = (accepted: boolean | undefined) => ({ requested, required, sent, accepted })
  if (!sent) {
    if (required) findings.add('CLIENT_CERTIFICATE_REQUIRED')
    else if (requested) findings.add('CLIENT_CERTIFICATE_OPTIONAL')
    return { report: report(undefined), options: undefined }
  }
  if (requested === false) findings.add('CLIENT_CERTIFICATE_NOT_ASKED')
  run.progress('showing the client certificate')
  const opened = await open(at, connect, run.budget)
  if (opened.kind === 'refused') {
    reportRefusedCertificate(run, opened.error, connect)
    return { report: report(false), options: undefined }
  }
  if (opened.kind === 'late')
    findings.add('SERVER_SILENT', 'The handshake with the client certificate was not complete in time.')
  if (opened.kind !== 'open') return { report: report(undefined), options: undefined }
  opened.wire.write(encodeFrame(4, 'OPTIONS'))
  const answer = await opened.wire.answer()
  opened.wire.close()
  if (answer.kind === 'frame')
    return { report: report(requested === false ? undefined : true), options: answer.frame }
  if (answer.kind === 'failed') reportRefusedCertificate(run, answer.error, connect)
  else if (answer.kind === 'closed') findings.add('CLIENT_CERTIFICATE_REFUSED')
  else reportAnswer(run, answer, 'OPTIONS')
  return { report: report(answer.kind === 'silent' ? undefined : false), options: undefined }
}

function reportRefusedCertificate({ findings }: Run, error: Error, connect: ConnectionOptions): void {
  // This connection had a certificate to send: the refusal is about that one.
  const diagnosis = explainTlsError(error, { ...connect, cert: 'sent', secureContext: undefined })
  if (!diagnosis || diagnosis.code === 'CONNECTION_CLOSED') findings.add('CLIENT_CERTIFICATE_REFUSED')
  else if (!findings.has(diagnosis.code)) findings.addTls(diagnosis)
}
