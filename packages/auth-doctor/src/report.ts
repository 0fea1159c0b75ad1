import type { FindingCode, Severity } from './findings/table.js'

/** Something that the doctor found. */
export interface Finding {
  readonly code: FindingCode
  readonly severity: Severity
  /** What it is, one sentence. */
  readonly summary: string
  /** What the doctor saw here: names, numbers, the node; undefined if the summary says everything. */
  readonly detail: string | undefined
  readonly remedy: string
  /** Where the documentation says more. */
  readonly page: string
}

/** One address of the host, and the outcome of connecting to it. */
export interface AddressReport {
  readonly address: string
  readonly family: 4 | 6
  readonly outcome: 'open' | 'refused' | 'filtered' | 'no route' | 'denied' | 'failed' | 'not tried'
  readonly ms: number | undefined
}

/** What listens on the port. */
export type Listener =
  | 'cql'
  | 'cql over tls'
  | 'tls without cql'
  | 'http'
  | 'thrift'
  | 'storage'
  | 'ssh'
  | 'redis'
  | 'postgres'
  | 'mysql'
  | 'smtp or ftp'
  | 'unknown'
  | 'silent'
  | 'closes'
  | 'resets'
  | 'floods'

/** What the server says about its protocol. */
export interface ProtocolReport {
  /** Such as `v4`. */
  readonly versions: readonly string[]
  /** What it answers to OPTIONS. */
  readonly supported: Readonly<Record<string, readonly string[]>>
  /** The version that the doctor spoke. */
  readonly spoken: string | undefined
}

/** One certificate of a chain. */
export interface CertificateReport {
  readonly subject: string
  readonly issuer: string
  readonly names: readonly string[]
  readonly key: string
  readonly signature: string
  readonly validFrom: string
  readonly validTo: string
  readonly daysLeft: number
  readonly fingerprint256: string
  readonly selfSigned: boolean
}

/** What TLS is like here. */
export interface TlsReport {
  /** Whether the port speaks CQL without TLS too. */
  readonly optional: boolean
  readonly versions: readonly {
    readonly version: string
    readonly accepted: boolean
    readonly cipher: string | undefined
  }[]
  /** The suites of TLS 1.2, in the order in which the server chooses them; the list may be cut. */
  readonly ciphers: readonly string[]
  readonly chain: readonly CertificateReport[]
  /** The CA at which the chain ends; undefined if it is not a trusted one. */
  readonly trustedBy:
    | { readonly subject: string; readonly from: 'ca' | 'bundle' | 'system roots' }
    | undefined
  /** Whether the chain is good; undefined if nothing says whom to trust. */
  readonly verified: boolean
  /** Values of the option `hostname`, and whether a connection to this address passes with each. */
  readonly hostnamePolicies: readonly { readonly policy: string; readonly passes: boolean }[]
  readonly clientCertificate: {
    /** Undefined if it cannot be seen: the server speaks only TLS 1.3, and the certificate is optional. */
    readonly requested: boolean | undefined
    readonly required: boolean
    readonly sent: boolean
    readonly accepted: boolean | undefined
  }
}

/** How the server asks clients to log in. */
export interface AuthenticatorReport {
  /** Null if it asks nobody: then see `byCertificate`. */
  readonly className: string | null
  /** Whether it asks nobody because it knows the client by its certificate. */
  readonly byCertificate: boolean
  readonly product: string | undefined
  /** What to use with it, as the end of "Use …". */
  readonly use: string | undefined
  readonly packages: readonly string[]
  /** Mechanisms that a server of the DSE kind accepted; empty for others. */
  readonly mechanisms: readonly string[]
}

/** A login with the given credentials. */
export interface LoginReport {
  /** Empty if none was used: the server asked for nothing, or the login was withheld. */
  readonly provider: string
  readonly mechanisms: readonly string[]
  readonly outcome: 'success' | 'failure' | 'withheld'
  /** Whether the server proved that it knows the secret; undefined if the mechanism has no such proof. */
  readonly serverProved: boolean | undefined
  /** Undefined if the server does not say it. */
  readonly role: { readonly name: string; readonly superuser: boolean; readonly login: boolean } | undefined
}

/** One step of the run, and how long it took. */
export interface Step {
  readonly name: string
  readonly ms: number
}

/** One node of the cluster; the node that was asked first comes first. */
export interface NodeReport {
  readonly address: string
  readonly port: number
  /** The name of the node, if all nodes are behind one proxy that routes by SNI. */
  readonly servername: string | undefined
  readonly dataCenter: string | undefined
  readonly releaseVersion: string | undefined
  readonly reachable: boolean | undefined
  readonly authenticator: string | null | undefined
  readonly certificate: string | undefined
  /** Whether the certificate has the address of this node. */
  readonly nameIsAddress: boolean | undefined
  /** Values of the option `hostname`, and whether a connection to this node passes with each; empty without TLS. */
  readonly hostnamePolicies: readonly { readonly policy: string; readonly passes: boolean }[]
  /** Whether its certificate ends at a trusted CA; undefined without TLS. */
  readonly chainIsTrusted: boolean | undefined
}

/** Facts that only a server of a known kind has. */
export interface ServiceReport {
  readonly kind:
    | 'Amazon Keyspaces'
    | 'Azure Cosmos DB'
    | 'DataStax Astra'
    | 'ScyllaDB'
    | 'DataStax Enterprise'
  /** The region, the account, the port for shards …, by name. */
  readonly facts: Readonly<Record<string, string>>
}

/** What to install, and complete options of a Client. They contain no secret: credentials come from the environment. */
export interface Paste {
  readonly install: string
  readonly esm: string
  readonly commonjs: string
  readonly typescript: string
  /** The environment variables that the code reads. */
  readonly environment: readonly string[]
}

/** Everything that one run found, as `--json` prints it; `report.schema.json` describes it. */
export interface Report {
  readonly schema: 1
  readonly target: { readonly host: string; readonly port: number }
  readonly startedAt: string
  readonly durationMs: number
  readonly connections: number
  /** 0: fine, 1: a finding, 2: unreachable. */
  readonly exitCode: 0 | 1 | 2
  readonly verdict: {
    readonly code: FindingCode | 'FINE'
    readonly severity: Severity | 'fine'
    readonly text: string
  }
  /** The worst come first. */
  readonly findings: readonly Finding[]
  readonly addresses: readonly AddressReport[]
  readonly listener: Listener | undefined
  readonly protocol: ProtocolReport | undefined
  readonly tls: TlsReport | undefined
  readonly authenticator: AuthenticatorReport | undefined
  readonly login: LoginReport | undefined
  readonly steps: readonly Step[]
  readonly nodes: readonly NodeReport[]
  readonly clock: { readonly differenceMs: number; readonly roundTripMs: number } | undefined
  readonly service: ServiceReport | undefined
  readonly paste: Paste | undefined
}

/** What `auth-doctor config` found. */
export interface ConfigReport {
  readonly schema: 1
  readonly file: string
  readonly exitCode: 0 | 1 | 2
  readonly verdict: Report['verdict']
  readonly findings: readonly Finding[]
  /** What a profile of @x/tls-profiles says about itself. */
  readonly profile: string | undefined
  /** What a provider of this family says about itself. */
  readonly provider:
    | { readonly name: string; readonly mechanisms: readonly string[]; readonly mutual: boolean }
    | undefined
}
