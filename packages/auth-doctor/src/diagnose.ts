import type { Clock } from '@x/auth-core'
import { systemClock } from '@x/auth-core/base'
import { Budget } from './budget.js'
import { Findings } from './findings/finding.js'
import { maskReport, maskText } from './mask.js'
import type { Given, LoginChoice, Surroundings } from './options.js'
import { pasteFor } from './paste/write.js'
import { authenticatorOf, type Entrance } from './probes/authenticator.js'
import { clockOf } from './probes/clock.js'
import { bundleOf, type Cloud, cloudOf } from './probes/cloud.js'
import { addressesOf } from './probes/dns.js'
import { identify } from './probes/listener.js'
import { type LoggedIn, logIn } from './probes/login.js'
import { nodesOf } from './probes/peers.js'
import { protocolOf } from './probes/protocol-versions.js'
import {
  fieldsOf,
  knowsCertificates,
  type LoginProvider,
  logsInByCertificate,
  providerOf,
} from './probes/provider.js'
import { ask } from './probes/query.js'
import { hasRole, roleOf } from './probes/role.js'
import { productOf, type Service, serviceOf } from './probes/service.js'
import { shardPortOf } from './probes/shard-port.js'
import { systemLookup } from './probes/system-lookup.js'
import { tryAddresses } from './probes/tcp.js'
import { examineTls, type TlsExamined } from './probes/tls.js'
import { type ProfileOptions, type Trust, trustOf } from './probes/trust.js'
import type { Address } from './protocol/dial.js'
import type { AuthenticatorReport, LoginReport, ProtocolReport, Report } from './report.js'
import { type Run, timed } from './run.js'
import { verdictOf } from './verdict.js'

/** More than a run needs for a cluster of a few nodes. */
const maxConnections = 64

/** What each probe adds. */
type Seen = { -readonly [K in keyof Report]?: Report[K] }

/**
 * Looks at one server, and through it at its cluster. Never rejects because of what a server does, and ends within the given time. A finding
 * names what the run could not look at in that time.
 */
export async function diagnose(given: Given, surroundings: Surroundings = {}): Promise<Report> {
  const clock: Clock = surroundings.clock ?? systemClock
  const { timeoutMs } = given
  // This comes before the time of the run begins: a user who is typing must not look like a slow server.
  const secrets = await secretsIn(given)
  const stepMs = surroundings.stepMs ?? Math.min(3_000, Math.ceil(timeoutMs / 3))
  const run: Run = {
    given,
    secrets,
    budget: new Budget(clock, { totalMs: timeoutMs, stepMs, maxConnections }),
    findings: new Findings(),
    steps: [],
    progress: surroundings.progress ?? (() => {}),
    lookup: surroundings.lookup ?? systemLookup,
  }
  const startedAt = clock.now()
  const seen = await lookAndClose(run)
  if (run.budget.isSpent)
    run.findings.add('LIMIT_REACHED', `${timeoutMs / 1000} s, ${run.budget.connections} connections.`)
  const findings = run.findings.sorted()
  const report: Report = {
    schema: 1,
    target: seen.target ?? given.target,
    startedAt: new Date(startedAt).toISOString(),
    durationMs: clock.now() - startedAt,
    connections: run.budget.connections,
    ...verdictOf(findings, seen.login),
    findings,
    addresses: seen.addresses ?? [],
    listener: seen.listener,
    protocol: seen.protocol,
    tls: seen.tls,
    authenticator: seen.authenticator,
    login: seen.login,
    steps: run.steps,
    nodes: seen.nodes ?? [],
    clock: seen.clock,
    service: seen.service,
    paste: seen.paste,
  }
  return maskReport(report, secrets)
}

/** Asks for what the login needs. The default password of Cassandra is not a secret, and it is part of every class name. */
async function secretsIn(given: Given): Promise<readonly string[]> {
  const { login, passphrase } = given
  const isNeeded =
    login?.kind === 'password' ||
    (login?.kind === 'mechanism' &&
      fieldsOf(login.mechanism).some((field) => field === 'password' || field === 'token'))
  const password = isNeeded ? await login.password() : undefined
  const isPublic = await isDefaultLogin(given)
  return [await passphrase?.(), isPublic ? undefined : password].filter((each) => each !== undefined)
}

/** Closes every connection, whatever the outcome. */
async function lookAndClose(run: Run): Promise<Seen> {
  try {
    return await look(run)
  } finally {
    run.budget.close()
  }
}

/** Looks from the outside to the inside, as far as it can. */
async function look(run: Run): Promise<Seen> {
  if (run.given.bundle === undefined) return lookAt(run, {}, undefined)
  const bundle = bundleOf(run)
  if (!bundle) return {}
  const { host, port } = bundle
  const target = { host, port }
  const { addresses, cloud } = await cloudOf({ ...run, given: { ...run.given, target } }, bundle)
  if (!cloud) return { target, addresses }
  const { proxy, service } = cloud
  // The name to expect is the name of the proxy, as in the driver.
  const given = { ...run.given, target: proxy, servername: proxy.host }
  return lookAt(
    { ...run, given },
    { target, addresses, service: { kind: service.kind, facts: service.facts } },
    cloud,
  )
}

async function lookAt(run: Run, seen: Seen, cloud: Cloud | undefined): Promise<Seen> {
  const { given } = run
  const addresses = await tryAddresses(run, await addressesOf(run))
  seen.addresses = [...(seen.addresses ?? []), ...addresses]
  const address = addresses.find(({ outcome }) => outcome === 'open')?.address
  if (address === undefined) return seen
  const at = { address, port: given.target.port, servername: cloud?.servername }
  const identified = await identify(run, at)
  seen.listener = identified.listener
  if (identified.listener !== 'cql' && identified.listener !== 'cql over tls') return seen

  const named = cloud?.service ?? serviceOf(given.target.host)
  const trust = cloud?.trust ?? (await trustOf(run, named))
  const tls = identified.tls ? await examineTls(run, at, identified, trust) : undefined
  seen.tls = tls?.report
  if (!tls) run.findings.add('TLS_NOT_OFFERED')
  else if (identified.plain) run.findings.add('TLS_OPTIONAL')

  const protocol = await protocolOf(run, at, tls?.connect, tls?.options ?? identified.options)
  if (protocol) {
    const { number: _, ...report } = protocol
    seen.protocol = report
  }
  const service = named ?? productOf(protocol?.supported ?? {})
  if (service) seen.service = { kind: service.kind, facts: await factsOf(run, service, at, protocol, tls) }
  if (protocol?.number === undefined) return seen

  const entrance: Entrance = { at, tls: tls?.connect, version: protocol.number }
  seen.authenticator = await authenticatorOf(run, entrance)
  if (!seen.authenticator) return seen
  const showsCertificate = tls !== undefined && trust.sendsCertificate
  const choice = choiceOf(given, seen.authenticator, showsCertificate)
  if (choice === undefined) reportNoCredentials(run, seen.authenticator)
  const login = await choose(run, service, choice, tls?.verified === true)
  const logged = login === 'withheld' ? { report: withheld() } : await logIn(run, entrance, login)
  await inside(run, entrance, logged, seen, showsCertificate)
  seen.paste = pasteFor({
    ...given.target,
    dataCenter: dataCenterIn(run, seen),
    tls: identified.tls,
    profile: pasteProfile(trust, tls),
    hasPassphrase: given.passphrase !== undefined,
    authenticator: seen.authenticator.className,
    bundle: given.bundle,
    login: seen.authenticator.byCertificate ? { kind: 'certificate' } : (choice ?? given.login),
    mutual: typeof login === 'object' && login.mutual,
    service,
  })
  return seen
}

/** Undefined if the server put something there that must not be shown. */
function dataCenterIn({ secrets }: Run, { nodes }: Seen): string | undefined {
  const name = nodes?.[0]?.dataCenter
  return name === undefined || maskText(name, secrets) !== name ? undefined : name
}

/** What the run verified with; if nothing passed, what will pass once the server is corrected. */
function pasteProfile(trust: Trust, tls: TlsExamined | undefined): ProfileOptions | undefined {
  if (tls?.choice) return trust.options(tls.choice)
  return trust.isGiven ? trust.options({ hostname: 'address', tls13: false }) : undefined
}

/** What is known of the service; for ScyllaDB also whether its port for shards is open. */
async function factsOf(
  run: Run,
  { kind, facts }: Service,
  at: Address,
  protocol: ProtocolReport | undefined,
  tls: TlsExamined | undefined,
): Promise<Service['facts']> {
  if (kind !== 'ScyllaDB') return facts
  const port = await shardPortOf(run, at, protocol?.supported ?? {}, tls !== undefined)
  return port === undefined ? facts : { ...facts, 'port for shards': port }
}

/** How to log in; undefined if the server asks nobody or the user gave nothing. A certificate counts if the server logs clients in by it. */
function choiceOf(
  { login }: Given,
  { className }: AuthenticatorReport,
  showsCertificate: boolean,
): LoginChoice | undefined {
  if (className === null) return undefined
  const isCertificate = login === undefined && showsCertificate && logsInByCertificate(className)
  return isCertificate ? { kind: 'certificate' } : login
}

function reportNoCredentials({ findings }: Run, { className }: AuthenticatorReport): void {
  if (className === null) return
  const remedy = knowsCertificates(className)
    ? 'Give --cert FILE and --key FILE, or --pfx FILE, with an identity that has a role on the server; or --username NAME, if the server also accepts passwords.'
    : undefined
  findings.add('CREDENTIALS_NOT_GIVEN', undefined, remedy === undefined ? {} : { remedy })
}

/** A user who gives credentials expects a server that asks for them. If it does not ask, it may be a different server. */
function reportOpen({ findings, given }: Run): void {
  if (given.login === undefined) findings.add('AUTHENTICATION_OFF')
  else findings.add('AUTHENTICATION_OFF', 'The credentials were not asked for.', { severity: 'error' })
}

/** The provider that logs in; `withheld` if it would send a secret to a server that nobody has verified. */
async function choose(
  run: Run,
  service: Service | undefined,
  login: LoginChoice | undefined,
  verified: boolean,
): Promise<LoginProvider | 'withheld' | undefined> {
  const { allowCleartext } = run.given
  if (login === undefined) return undefined
  try {
    const provider = await providerOf(login, service?.facts['region'])
    if (!provider.exposes || verified || allowCleartext) return provider
    run.findings.add('LOGIN_WITHHELD')
    return 'withheld'
  } catch (error) {
    if (!run.findings.addError(error)) throw error
    return undefined
  }
}

function withheld(): LoggedIn['report'] {
  return { provider: '', mechanisms: [], outcome: 'withheld', serverProved: undefined }
}

/** What a connection can be asked after the login. */
async function inside(
  run: Run,
  entrance: Entrance,
  { wire, local, report: loggedIn }: Partial<LoggedIn>,
  seen: Seen,
  showsCertificate: boolean,
): Promise<void> {
  let role: LoginReport['role']
  let report = loggedIn
  if (wire) {
    const { version } = entrance
    const first = await timed(
      run,
      'first query',
      ask(wire, version, 'SELECT release_version FROM system.local'),
    )
    if (!Array.isArray(first)) {
      run.findings.add(
        'QUERY_FAILED',
        first instanceof Error ? `Error 0x${first.code.toString(16).padStart(4, '0')}.` : undefined,
      )
    } else {
      seen.clock = await clockOf(run, wire, version)
      if (!report && showsCertificate && (await hasRole(run, wire, version)))
        report = byCertificate(run, seen)
      const username = report?.provider === '' ? undefined : usernameOf(run.given)
      if (report) role = await roleOf(run, wire, version, { username, local })
      seen.nodes = await nodesOf(run, wire, entrance)
    }
    wire.close()
    if (!report) reportOpen(run)
  }
  if (report?.outcome === 'success' && (await isDefaultLogin(run.given)))
    run.findings.add('DEFAULT_SUPERUSER')
  else if (role?.superuser) run.findings.add('SUPERUSER', role.name)
  if (report) seen.login = { ...report, role }
}

/** The server asked for nothing, since it knows the client by its certificate: Cassandra 6 and ScyllaDB do this. */
function byCertificate({ findings, given }: Run, seen: Seen): LoggedIn['report'] {
  seen.authenticator = { ...(seen.authenticator as AuthenticatorReport), byCertificate: true }
  if (given.login !== undefined) findings.add('LOGIN_BY_CERTIFICATE')
  return { provider: '', mechanisms: [], outcome: 'success', serverProved: undefined }
}

function usernameOf({ login }: Given): string | undefined {
  return login?.kind === 'password' || login?.kind === 'mechanism' ? login.username : undefined
}

/** The account that every new Cassandra has. */
async function isDefaultLogin({ login }: Given): Promise<boolean> {
  return (
    login?.kind === 'password' && login.username === 'cassandra' && (await login.password()) === 'cassandra'
  )
}
