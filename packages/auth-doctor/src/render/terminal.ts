import type { Colors } from 'picocolors/types'
import type { CertificateReport, ConfigReport, Finding, NodeReport, Paste, Report } from '../report.js'

/** Which of the three forms of the code to show. */
export type Language = 'esm' | 'commonjs' | 'typescript'

/** The report for a reader: the verdict, the findings, what was seen, the code. */
export function renderTerminal(report: Report, colors: Colors, language: Language): string {
  const sections = [
    heading(report, colors),
    report.findings.length > 0 ? report.findings.map((each) => finding(each, colors)).join('\n') : undefined,
    facts(report, colors),
    report.paste && paste(report.paste, colors, language),
  ]
  return `${sections.filter((each) => each !== undefined && each !== '').join('\n\n')}\n`
}

/** What `auth-doctor config` found, for a reader. */
export function renderConfig(
  { file, verdict, findings, profile, provider }: ConfigReport,
  colors: Colors,
): string {
  const sections = [
    verdictLine(file, verdict, colors),
    findings.map((each) => finding(each, colors)).join('\n'),
    provider && `${colors.dim('authProvider')}  ${provider.name} (${provider.mechanisms.join(', ')})`,
    profile && `${colors.dim('sslOptions')}\n${profile}`,
  ]
  return `${sections.filter(Boolean).join('\n\n')}\n`
}

function heading({ target, verdict }: Report, colors: Colors): string {
  const where = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`
  return verdictLine(where, verdict, colors)
}

function verdictLine(where: string, verdict: Report['verdict'], colors: Colors): string {
  const paint =
    verdict.severity === 'fine' ? colors.green : verdict.severity === 'warning' ? colors.yellow : colors.red
  return `${colors.bold(where)}  ${paint(colors.bold(verdict.code))}  ${verdict.text}`
}

function finding({ code, severity, summary, detail, remedy }: Finding, colors: Colors): string {
  const mark = {
    unreachable: colors.red('✗'),
    error: colors.red('✗'),
    warning: colors.yellow('!'),
    note: colors.cyan('·'),
  }[severity]
  const lines = [`${mark} ${colors.bold(code)}  ${summary}`]
  if (detail !== undefined) lines.push(`    ${detail}`)
  lines.push(`    ${colors.green('→')} ${remedy}`)
  return lines.join('\n')
}

type Line = readonly [label: string, value: string | undefined]

function facts(report: Report, colors: Colors): string {
  const { addresses, listener, protocol, tls, authenticator, login, steps, clock, service, nodes } = report
  const lines: Line[] = [
    ['address', addresses.map(({ address, outcome }) => `${address} ${outcome}`).join(', ') || undefined],
    ['listens', listener],
    ['protocol', protocol && versionsText(protocol)],
    [
      'service',
      service &&
        `${service.kind}: ${Object.entries(service.facts)
          .map(([key, value]) => `${key} ${value}`)
          .join(', ')}`,
    ],
    [
      'TLS',
      tls?.versions
        .filter(({ accepted }) => accepted)
        .map(({ version, cipher }) => `${version} (${cipher})`)
        .join(', '),
    ],
    ['suites', tls && tls.ciphers.length > 1 ? tls.ciphers.join(', ') : undefined],
    [
      'hostname',
      tls?.hostnamePolicies
        .map(({ policy, passes }) => `${policy} ${passes ? 'passes' : 'does not'}`)
        .join(', '),
    ],
    ['client certificate', tls && clientCertificateText(tls.clientCertificate)],
    ['authenticator', authenticator && authenticatorText(authenticator)],
    ['use', authenticator?.use],
    ['mechanisms', authenticator?.mechanisms.length ? authenticator.mechanisms.join(', ') : undefined],
    ['login', login && loginText(login)],
    ['clock', clock && `${clock.differenceMs} ms from ours, measured in ${clock.roundTripMs} ms`],
    ['time', steps.map(({ name, ms }) => `${name} ${ms} ms`).join(', ') || undefined],
  ]
  const width = Math.max(...lines.map(([label]) => label.length))
  const shown = lines
    .filter(([, value]) => value)
    .map(([label, value]) => `${colors.dim(label.padEnd(width))}  ${value}`)
  if (tls && tls.chain.length > 0) shown.push(chain(tls.chain, tls.trustedBy, colors))
  if (nodes.length > 1) shown.push(nodes.map((node) => nodeLine(node, colors)).join('\n'))
  return shown.join('\n')
}

function versionsText({ versions, spoken, supported }: NonNullable<Report['protocol']>): string {
  const cql = supported['CQL_VERSION']?.join(', ')
  return `${versions.join(', ') || 'unknown'}${spoken === undefined ? '' : `; the doctor speaks ${spoken}`}${cql === undefined ? '' : `; CQL ${cql}`}`
}

function clientCertificateText({
  requested,
  required,
  sent,
  accepted,
}: NonNullable<Report['tls']>['clientCertificate']): string {
  const asked = required
    ? 'required'
    : requested
      ? 'asked for'
      : requested === false
        ? 'not asked for'
        : 'no request was seen'
  if (!sent) return asked
  return `${asked}; ours is ${accepted ? 'accepted' : accepted === false ? 'refused' : 'not looked at'}`
}

function authenticatorText({ className, byCertificate }: NonNullable<Report['authenticator']>): string {
  if (byCertificate) return 'not asked for: the certificate is the login'
  return className ?? 'none: the server asks for no login'
}

function loginText({
  outcome,
  provider,
  mechanisms,
  role,
  serverProved,
}: NonNullable<Report['login']>): string {
  if (outcome === 'withheld') return 'withheld'
  const who = role ? ` as ${role.name}${role.superuser ? ' (superuser)' : ''}` : ''
  const proof = serverProved === undefined ? '' : serverProved ? '; the server proved itself' : ''
  return `${outcome}${who} by ${provider || 'the certificate'}${mechanisms.length > 0 ? ` (${mechanisms.join(', ')})` : ''}${proof}`
}

/** From the root down to the server's own certificate: each below its issuer. */
function chain(
  certificates: readonly CertificateReport[],
  trustedBy: NonNullable<Report['tls']>['trustedBy'],
  colors: Colors,
): string {
  const root = trustedBy
    ? `${trustedBy.subject} ${colors.green(`(trusted: ${trustedBy.from})`)}`
    : colors.red('no CA that is trusted')
  const sent = [...certificates]
    .reverse()
    .filter(({ subject, selfSigned }) => !(selfSigned && subject === trustedBy?.subject))
  const lines = sent.flatMap((certificate, depth) => {
    const indent = '   '.repeat(depth)
    return [
      `${indent}└─ ${certificate.subject || '(no subject)'}  ${daysText(certificate.daysLeft, colors)}`,
      `${indent}   ${colors.dim(`${certificate.key}, ${certificate.signature}${certificate.names.length > 0 ? `; ${certificate.names.join(', ')}` : ''}`)}`,
    ]
  })
  return [root, ...lines].join('\n')
}

function daysText(days: number, colors: Colors): string {
  if (days < 0) return colors.red('expired')
  const text = `${days} ${days === 1 ? 'day' : 'days'} left`
  return days <= 14 ? colors.yellow(text) : text
}

function nodeLine(
  {
    address,
    port,
    servername,
    dataCenter,
    releaseVersion,
    reachable,
    authenticator,
    hostnamePolicies,
  }: NodeReport,
  colors: Colors,
): string {
  const state = reachable ? colors.green('✓') : reachable === false ? colors.red('✗') : colors.dim('?')
  const who = reachable
    ? authenticator === null
      ? 'no authenticator'
      : (authenticator?.split('.').at(-1) ?? '')
    : reachable === false
      ? 'not reachable'
      : 'not looked at'
  const name = hostnamePolicies.find(({ passes }) => passes)?.policy
  const passing = name === undefined ? undefined : `hostname: ${name}`
  return `${state} ${servername ?? `${address}:${port}`}  ${[dataCenter, releaseVersion, who, passing].filter(Boolean).join('  ')}`
}

function paste({ install, environment, ...code }: Paste, colors: Colors, language: Language): string {
  const variables =
    environment.length > 0 ? `\n${colors.dim(`# reads from the environment: ${environment.join(', ')}`)}` : ''
  return `${colors.dim('$')} ${install}${variables}\n\n${code[language].trimEnd()}`
}
