/**
 * What the doctor can find: one row for each code. docs/findings.md is rendered from it. Codes change only in a major version. If
 * @x/tls-profiles or @x/auth-core has a code, that code, its summary and its remedy are used here too.
 */
import { errorTable as authErrors, type ErrorRow } from '@x/auth-core/base'
import { errorTable as saslErrors } from '@x/auth-sasl'
import { errorTable as sigV4Errors } from '@x/auth-sigv4'
import { errorTable as tlsErrors } from '@x/tls-profiles'

/** `unreachable`: no connection, exit code 2. `error`, `warning`: exit code 1. `note`: worth knowing, exit code 0. */
export type Severity = 'unreachable' | 'error' | 'warning' | 'note'

/** The worst comes first: this is the order of the findings. */
export const severities: readonly Severity[] = ['unreachable', 'error', 'warning', 'note']

/** One row. */
export interface FindingRow {
  readonly severity: Severity
  /** What it is, one sentence. */
  readonly summary: string
  /** What the reader should do about it. */
  readonly remedy: string
}

const rows = <C extends string>(table: Readonly<Record<C, FindingRow>>): Readonly<Record<C, FindingRow>> =>
  table

/** The network route to the port. */
const way = rows({
  HOST_NOT_FOUND: {
    severity: 'unreachable',
    summary: 'The name of the host has no address.',
    remedy:
      'Check the spelling and the DNS of this machine. In a container or VPN, check that it is the right DNS.',
  },
  HOST_LOOKUP_FAILED: {
    severity: 'unreachable',
    summary: 'The DNS of this machine did not answer.',
    remedy: 'Check the network and the name servers of this machine, or give the IP address of the host.',
  },
  PORT_REFUSED: {
    severity: 'unreachable',
    summary: 'The host answers, but nothing listens on this port.',
    remedy:
      'Start Cassandra, or check rpc_address and native_transport_port in its cassandra.yaml: a server that listens only on localhost cannot be reached from other machines.',
  },
  PORT_FILTERED: {
    severity: 'unreachable',
    summary: 'Nothing answers at this address: packets are dropped on the way, or the host is off.',
    remedy:
      'Check security groups and firewalls for this port, the route (VPN, peering), and that the address is current.',
  },
  HOST_WITHOUT_ROUTE: {
    severity: 'unreachable',
    summary: 'This machine has no route to the address.',
    remedy: 'Check the network of this machine: VPN, subnet, container network.',
  },
  IPV6_WITHOUT_ROUTE: {
    severity: 'warning',
    summary: 'The host has an IPv6 address, and this machine has no route to it.',
    remedy:
      'Give the driver the IPv4 address or a name without IPv6, or set up IPv6 on this machine: each failed attempt costs time.',
  },
  CONNECT_DENIED: {
    severity: 'unreachable',
    summary: 'This machine forbids the connection.',
    remedy: 'Check its own firewall and the sandbox or container that this process runs in.',
  },
  CONNECT_FAILED: {
    severity: 'unreachable',
    summary: 'The connection failed.',
    remedy: 'See the code of the operating system in the detail.',
  },
  ADDRESS_DOWN: {
    severity: 'warning',
    summary: 'One of the addresses of the host does not take connections.',
    remedy: 'Remove the address from DNS, or start the server there: a driver that tries it first must wait.',
  },
})

/** DataStax Astra. */
const astra = rows({
  METADATA_UNUSABLE: {
    severity: 'error',
    summary: 'The metadata service of the secure connect bundle does not say where the database is.',
    remedy:
      'Check in the Astra console that the database is active (a hibernated or terminated database does not answer), and download its bundle again.',
  },
})

/** What listens. */
const listeners = rows({
  LISTENER_SILENT: {
    severity: 'error',
    summary:
      'The port accepts connections and sends nothing: it answers neither CQL, nor TLS, nor another known protocol.',
    remedy:
      'Check that it is the CQL port. A load balancer without a backend and a server that hangs look the same.',
  },
  LISTENER_CLOSES: {
    severity: 'error',
    summary: 'The port accepts connections and closes them without an answer.',
    remedy:
      'Check that it is the CQL port, and that a proxy in front of it has a backend. Read the log of the server: it may limit connections per address (native_transport_max_concurrent_connections_per_ip).',
  },
  LISTENER_RESETS: {
    severity: 'error',
    summary: 'The port accepts connections and resets them.',
    remedy: 'Check whether a firewall or proxy on the way cuts connections, and read the log of the server.',
  },
  LISTENER_FLOODS: {
    severity: 'error',
    summary: 'The service sends data without end and does not wait for a request.',
    remedy: 'Check the address and the port: this is not a CQL server.',
  },
  LISTENER_UNKNOWN: {
    severity: 'error',
    summary: 'The service speaks a protocol that is not CQL.',
    remedy: 'Check the address and the port; for Cassandra, see native_transport_port, 9042 by default.',
  },
  LISTENER_HTTP: {
    severity: 'error',
    summary: 'An HTTP server listens on this port.',
    remedy:
      'Give the CQL port, 9042 by default; an HTTP server is a proxy, a REST gateway or a management API.',
  },
  LISTENER_THRIFT: {
    severity: 'error',
    summary: 'The old Thrift interface of Cassandra listens on this port.',
    remedy: 'Give the CQL port (native_transport_port, 9042): Thrift (9160) is gone since Cassandra 4.0.',
  },
  LISTENER_STORAGE: {
    severity: 'error',
    summary: 'This is the port that the nodes of the cluster use among themselves.',
    remedy:
      'Give the CQL port (native_transport_port, 9042); 7000 and 7001 are storage_port and ssl_storage_port.',
  },
  LISTENER_SSH: {
    severity: 'error',
    summary: 'An SSH server listens on this port.',
    remedy: 'Give the CQL port; through an SSH tunnel, give the local end of the tunnel.',
  },
  LISTENER_REDIS: {
    severity: 'error',
    summary: 'A Redis server listens on this port.',
    remedy: 'Check the address and the port: this is another database.',
  },
  LISTENER_POSTGRES: {
    severity: 'error',
    summary: 'A PostgreSQL server listens on this port.',
    remedy:
      'Check the address and the port: this is another database. YugabyteDB has CQL on another port, 9042.',
  },
  LISTENER_MYSQL: {
    severity: 'error',
    summary: 'A MySQL or MariaDB server listens on this port.',
    remedy: 'Check the address and the port: this is another database.',
  },
  LISTENER_MAIL_OR_FTP: {
    severity: 'error',
    summary: 'A mail or FTP server listens on this port.',
    remedy: 'Check the address and the port.',
  },
  TLS_WITHOUT_CQL: {
    severity: 'error',
    summary: 'The port speaks TLS, but not CQL inside TLS.',
    remedy: 'Check the port: HTTPS and the encrypted storage port of the nodes (7001) look the same.',
  },
})

/** How well the server follows the protocol. */
const protocol = rows({
  PROTOCOL_UNSUPPORTED: {
    severity: 'error',
    summary: 'The server supports no protocol version of a current driver.',
    remedy: 'The doctor needs version 3 or 4: Cassandra 2.1 or newer.',
  },
  FRAME_INVALID: {
    severity: 'error',
    summary: 'The server answers the login with bytes that are not CQL.',
    remedy: 'Check whether a proxy on the way changes the data, and read the log of the server.',
  },
  FRAME_TOO_LARGE: {
    severity: 'error',
    summary: 'The server announces an answer that is too large for a login.',
    remedy: 'Check whether a proxy on the way changes the data, and check that this is a CQL server.',
  },
  FRAME_CUT: {
    severity: 'error',
    summary: 'The server begins an answer and does not finish it.',
    remedy:
      'Check the network for lost packets (MTU), check proxies on the way, and read the log of the server.',
  },
  ANSWER_UNEXPECTED: {
    severity: 'error',
    summary: 'The server answers with a message that does not belong here.',
    remedy: 'Do not trust this server before you know why: check the address, and proxies on the way.',
  },
  SERVER_SILENT: {
    severity: 'error',
    summary: 'The server speaks CQL but does not answer this request.',
    remedy:
      'Check the log and the load of the server. A server that is starting, or whose other nodes are down, also waits.',
  },
  SERVER_CLOSED: {
    severity: 'error',
    summary: 'The server closed the connection in the middle of the login.',
    remedy: 'See the log of the server at this time. A proxy on the way may close connections too.',
  },
  SERVER_RESET: {
    severity: 'error',
    summary: 'The connection was reset in the middle of the login.',
    remedy: 'See the log of the server at this time, and firewalls and proxies on the way.',
  },
})

/** TLS findings for which tls-profiles has no code. */
const tls = rows({
  TLS_NOT_OFFERED: {
    severity: 'warning',
    summary: 'The server speaks CQL without TLS: passwords and data cross the network readable.',
    remedy:
      'Set client_encryption_options.enabled: true in cassandra.yaml, and give the CA to the doctor and to verifyServer({ ca }).',
  },
  TLS_OPTIONAL: {
    severity: 'warning',
    summary: 'The server accepts connections with and without TLS on the same port.',
    remedy: 'When all clients use TLS, set client_encryption_options.optional: false.',
  },
  TLS_CA_NOT_GIVEN: {
    severity: 'warning',
    summary:
      "The server's certificate was not issued by a public CA, and no CA was given, so the server is not verified.",
    remedy:
      'Give the root certificate of the cluster: --ca FILE. Get it from the people who run the cluster, not from the server.',
  },
  CHAIN_INCOMPLETE: {
    severity: 'error',
    summary: 'The server does not send an intermediate certificate between its own certificate and your CA.',
    remedy:
      "Add the intermediate certificate after the server's own in its keystore; until then, clients cannot verify the server.",
  },
  TLS_VERSION_OLD: {
    severity: 'error',
    summary: 'The server speaks only TLS 1.0 or 1.1, which are broken.',
    remedy:
      'Set client_encryption_options.accepted_protocols to [TLSv1.2, TLSv1.3], or update Java on the server.',
  },
  TLS_VERSION_LEGACY: {
    severity: 'warning',
    summary: 'The server also accepts TLS 1.0 or 1.1, which are broken.',
    remedy: 'Set client_encryption_options.accepted_protocols to [TLSv1.2, TLSv1.3].',
  },
  TLS_NO_VERSION: {
    severity: 'error',
    summary: 'The server speaks TLS, but no handshake succeeds with any version.',
    remedy: "See OpenSSL's text in the detail, and the log of the server.",
  },
  CERTIFICATE_EXPIRES_SOON: {
    severity: 'warning',
    summary: "A certificate in the server's chain expires soon.",
    remedy: 'Renew it on the server now: clients that verify reject it from that day on.',
  },
  CERTIFICATE_KEY_WEAK: {
    severity: 'error',
    summary: "A key in the server's chain is too small.",
    remedy:
      'Issue the certificate again with RSA of 2048 bits or more, or ECDSA P-256. Newer versions of Node.js refuse smaller keys.',
  },
  CERTIFICATE_SIGNATURE_WEAK: {
    severity: 'error',
    summary: "A certificate in the server's chain is signed with SHA-1 or MD5.",
    remedy: 'Issue it again with SHA-256: such signatures can be forged, and OpenSSL refuses them.',
  },
  NAME_NOT_ADDRESS: {
    severity: 'note',
    summary: "The server's certificate contains the name of the server, but not its address.",
    remedy:
      'The driver connects to addresses: set the option `hostname` of the profile to the expected name, as in the code below.',
  },
  LOGINS_NOT_SEEN: {
    severity: 'note',
    summary:
      'This runtime does not show how a login ends: a proof in the success message cannot be verified, a refusal is not noticed, and a server that asks for no login is not noticed.',
    remedy:
      'Node.js and Deno show it; Bun does not. On Bun, let the server send its proof as a challenge. A login that cannot be verified is refused.',
  },
  CLIENT_CERTIFICATE_OPTIONAL: {
    severity: 'note',
    summary: 'The server asks for a client certificate and also accepts clients without one.',
    remedy: 'Give --cert and --key to check whether your certificate is accepted.',
  },
  CLIENT_CERTIFICATE_NOT_ASKED: {
    severity: 'note',
    summary: 'You gave a client certificate, but the server does not ask for one.',
    remedy: 'Leave it out, or set client_encryption_options.require_client_auth on the server.',
  },
})

/** The login. */
const login = rows({
  AUTHENTICATION_OFF: {
    severity: 'warning',
    summary: 'The server asks for no login: anyone who reaches the port has all rights.',
    remedy: 'Set authenticator: PasswordAuthenticator and authorizer: CassandraAuthorizer in cassandra.yaml.',
  },
  LOGIN_BY_CERTIFICATE: {
    severity: 'warning',
    summary: 'The server logged the client in by its certificate, and did not ask for the credentials.',
    remedy:
      'The certificate is the login here: leave --username out. To log in with the password, leave --cert out, if the server accepts clients without a certificate.',
  },
  AUTHENTICATOR_NOT_KNOWN: {
    severity: 'note',
    summary: 'The authenticator of the server is not known.',
    remedy:
      'Ask the people who run the server which mechanism it accepts. Most accept PLAIN: PlainTextAuthProvider of @x/auth-plaintext.',
  },
  CREDENTIALS_NOT_GIVEN: {
    severity: 'note',
    summary: 'The server asks for a login, but the doctor has no credentials.',
    remedy:
      'Give --username NAME (the password is asked for), --mechanism or --sigv4 to check the login too.',
  },
  LOGIN_WITHHELD: {
    severity: 'error',
    summary: 'The doctor did not log in: the password would go to a server that is not verified by TLS.',
    remedy: 'Correct the TLS findings first (--ca FILE). To send the password anyway: --allow-cleartext.',
  },
  DEFAULT_SUPERUSER: {
    severity: 'warning',
    summary: "The login works with Cassandra's default role and default password.",
    remedy:
      'Create your own superuser, then: ALTER ROLE cassandra WITH PASSWORD = … AND SUPERUSER = false AND LOGIN = false.',
  },
  SUPERUSER: {
    severity: 'note',
    summary: 'The role is a superuser.',
    remedy: 'Give each application its own role with only the rights that it needs.',
  },
  QUERY_FAILED: {
    severity: 'error',
    summary: 'The login works, but the first query fails.',
    remedy: 'See the error in the detail, and the log of the server.',
  },
})

/** The cluster. */
const cluster = rows({
  NODE_UNREACHABLE: {
    severity: 'warning',
    summary: 'A node of the cluster cannot be reached from here.',
    remedy:
      'Check rpc_address or broadcast_rpc_address of that node: drivers connect to the address that it announces.',
  },
  NODE_DIFFERS: {
    severity: 'warning',
    summary: 'A node of the cluster is set up differently from the others.',
    remedy: 'Give all nodes the same authenticator, the same TLS options and certificates of the same CA.',
  },
  NODE_NOT_ASKED: {
    severity: 'note',
    summary: 'The peers table contains an address that the doctor does not connect to.',
    remedy:
      'A server outside your network must not send this machine to addresses inside it, or to ports of other services: run the doctor against that node directly. If clients reach the cluster from outside, set broadcast_rpc_address to an address that they can reach.',
  },
  ANSWER_UNREADABLE: {
    severity: 'warning',
    summary: 'The server does not answer a query of a system table with rows that can be read.',
    remedy:
      'The later checks did not run. See the log of the server; a proxy on the way may change the data.',
  },
  NODES_NOT_ALL_SEEN: {
    severity: 'note',
    summary: 'The cluster has more nodes than the doctor checks.',
    remedy: 'Run it against one of the other nodes too, or raise --nodes.',
  },
  SHARD_PORT_UNREACHABLE: {
    severity: 'note',
    summary: 'ScyllaDB announces a port for shard-aware drivers, and it cannot be reached from here.',
    remedy:
      'The Node.js driver does not use it. For drivers that do, open native_shard_aware_transport_port (19042, with TLS 19142) in firewalls and containers.',
  },
  CLOCK_DIFFERS: {
    severity: 'warning',
    summary: 'The clocks of this machine and of the server differ.',
    remedy: 'Set both by NTP: certificates, tokens, signatures and the timestamps of writes depend on them.',
  },
  LIMIT_REACHED: {
    severity: 'warning',
    summary: 'Not everything was checked: the limit of time or of connections was reached.',
    remedy: 'Raise --timeout.',
  },
})

/** `auth-doctor config`. */
const config = rows({
  CONFIG_UNREADABLE: {
    severity: 'error',
    summary: 'The file with the options of the Client cannot be loaded.',
    remedy:
      'It must be a JavaScript module that exports the options as `default`, `options` or `clientOptions`, or a function that returns them.',
  },
  OPTION_IGNORED: {
    severity: 'warning',
    summary: 'The driver ignores an option without a warning.',
    remedy: 'Correct its name, or remove it.',
  },
  TLS_NOT_VERIFIED: {
    severity: 'error',
    summary: 'The options encrypt, but they accept any server.',
    remedy: 'Use verifyServer({ ca }) of @x/tls-profiles as sslOptions.',
  },
  TLS_NOT_USED: {
    severity: 'warning',
    summary: 'The options have no sslOptions: the connection can be read and changed by others.',
    remedy: 'Use verifyServer({ ca }) of @x/tls-profiles as sslOptions.',
  },
  TLS_GIVES_UP: {
    severity: 'warning',
    summary: 'The profile turns a protection off.',
    remedy: 'Remove the option that does this, unless you want it.',
  },
})

const own = { ...way, ...astra, ...listeners, ...protocol, ...tls, ...login, ...cluster, ...config }

type OwnCode = keyof typeof own
type AuthCode = keyof typeof authErrors
type TlsCode = keyof typeof tlsErrors
type SaslCode = keyof typeof saslErrors
type SigV4Code = keyof typeof sigV4Errors

/** Stable. */
export type FindingCode = OwnCode | AuthCode | TlsCode | SaslCode | SigV4Code

const adopted = (table: Readonly<Record<string, ErrorRow>>): Record<string, FindingRow> =>
  Object.fromEntries(
    Object.entries(table).map(([code, { summary, remedy }]) => [
      code,
      { severity: 'error', summary, remedy },
    ]),
  )

/** Code → row. */
export const findingTable = Object.freeze({
  ...adopted(sigV4Errors),
  ...adopted(saslErrors),
  ...adopted(tlsErrors as Readonly<Record<string, ErrorRow>>),
  ...adopted(authErrors),
  ...own,
}) as Readonly<Record<FindingCode, FindingRow>>

/** The codes that only the doctor has. */
export const ownCodes = Object.keys(own) as readonly OwnCode[]
