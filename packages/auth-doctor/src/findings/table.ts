/**
 * What the doctor can find: one row for each code. docs/findings.md is rendered from it. Codes change only in a major
 * version. What @x/tls-profiles and @x/auth-core have a code for keeps that code, its summary and its remedy.
 */
import { errorTable as authErrors, type ErrorRow } from '@x/auth-core/base'
import { errorTable as saslErrors } from '@x/auth-sasl'
import { errorTable as sigV4Errors } from '@x/auth-sigv4'
import { errorTable as tlsErrors } from '@x/tls-profiles'

/** `unreachable`: no connection, exit code 2. `error`, `warning`: exit code 1. `note`: worth knowing, exit code 0. */
export type Severity = 'unreachable' | 'error' | 'warning' | 'note'

/** The worst first: the order of the findings. */
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

/** The way to the port. */
const way = rows({
  HOST_NOT_FOUND: {
    severity: 'unreachable',
    summary: 'The name of the host has no address.',
    remedy:
      'Check the spelling, the DNS of this machine and, in a container or VPN, whether it is the right DNS.',
  },
  HOST_LOOKUP_FAILED: {
    severity: 'unreachable',
    summary: 'The DNS of this machine did not answer.',
    remedy: 'Check the network and the name servers of this machine, or give the IP address of the host.',
  },
  PORT_REFUSED: {
    severity: 'unreachable',
    summary: 'The host is there, and nothing listens on this port.',
    remedy:
      'Start Cassandra, or check rpc_address and native_transport_port in its cassandra.yaml: a server that listens on localhost alone refuses everybody else.',
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
      'Give the driver the IPv4 address or a name without IPv6, or give this machine IPv6: each try costs time.',
  },
  CONNECT_DENIED: {
    severity: 'unreachable',
    summary: 'This machine forbids the connection.',
    remedy: 'Check its own firewall and the sandbox or container that this process runs in.',
  },
  CONNECT_FAILED: {
    severity: 'unreachable',
    summary: 'The connection failed.',
    remedy: 'See the code in the detail; it is that of the operating system.',
  },
  ADDRESS_DOWN: {
    severity: 'warning',
    summary: 'One of the addresses of the host does not take connections.',
    remedy: 'Remove the address from DNS, or start the server there: a driver that tries it first waits.',
  },
})

/** DataStax Astra. */
const astra = rows({
  METADATA_UNUSABLE: {
    severity: 'error',
    summary: 'The metadata service of the secure connect bundle does not say where the database is.',
    remedy:
      'Check in the console of Astra that the database is active (one that hibernates or was terminated has no answer), and download its bundle again.',
  },
})

/** What listens. */
const listeners = rows({
  LISTENER_SILENT: {
    severity: 'error',
    summary: 'The port takes connections and says nothing: neither CQL, nor TLS, nor anything known answers.',
    remedy:
      'Check that it is the CQL port. A load balancer without a backend and a server that hangs look like this too.',
  },
  LISTENER_CLOSES: {
    severity: 'error',
    summary: 'The port takes connections and closes them without an answer.',
    remedy:
      'Check that it is the CQL port, that a proxy before it has a backend, and the log of the server: it may limit connections for each address (native_transport_max_concurrent_connections_per_ip).',
  },
  LISTENER_RESETS: {
    severity: 'error',
    summary: 'The port takes connections and resets them.',
    remedy: 'Check for a firewall or proxy on the way that cuts connections, and the log of the server.',
  },
  LISTENER_FLOODS: {
    severity: 'error',
    summary: 'What listens sends without end and does not wait to be asked.',
    remedy: 'Check address and port: this is no CQL server.',
  },
  LISTENER_UNKNOWN: {
    severity: 'error',
    summary: 'What listens speaks a protocol that is not CQL.',
    remedy: 'Check address and port; for Cassandra see native_transport_port, 9042 by default.',
  },
  LISTENER_HTTP: {
    severity: 'error',
    summary: 'An HTTP server listens on this port.',
    remedy: 'Give the CQL port, 9042 by default; HTTP is a proxy, a REST gateway or a management API.',
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
    remedy: 'Check address and port: this is another database.',
  },
  LISTENER_POSTGRES: {
    severity: 'error',
    summary: 'A PostgreSQL server listens on this port.',
    remedy: 'Check address and port: this is another database. YugabyteDB has CQL on another port, 9042.',
  },
  LISTENER_MYSQL: {
    severity: 'error',
    summary: 'A MySQL or MariaDB server listens on this port.',
    remedy: 'Check address and port: this is another database.',
  },
  LISTENER_MAIL_OR_FTP: {
    severity: 'error',
    summary: 'A mail or FTP server listens on this port.',
    remedy: 'Check address and port.',
  },
  TLS_WITHOUT_CQL: {
    severity: 'error',
    summary: 'The port speaks TLS, and what is inside is not CQL.',
    remedy:
      'Check the port: HTTPS, and the storage port of the nodes with encryption (7001), look like this.',
  },
})

/** How the server keeps to the protocol. */
const protocol = rows({
  PROTOCOL_UNSUPPORTED: {
    severity: 'error',
    summary: 'The server speaks none of the versions of the protocol that a driver of today speaks.',
    remedy: 'The doctor needs version 3 or 4: Cassandra 2.1 or newer.',
  },
  FRAME_INVALID: {
    severity: 'error',
    summary: 'The server answers the login with bytes that are no CQL.',
    remedy: 'Check for a proxy on the way that changes what it passes on, and the log of the server.',
  },
  FRAME_TOO_LARGE: {
    severity: 'error',
    summary: 'The server announces an answer that is larger than any answer to a login.',
    remedy: 'Check for a proxy on the way that changes what it passes on; this may be no CQL server.',
  },
  FRAME_CUT: {
    severity: 'error',
    summary: 'The server begins an answer and does not finish it.',
    remedy: 'Check the network on the way for lost packets (MTU), proxies, and the log of the server.',
  },
  ANSWER_UNEXPECTED: {
    severity: 'error',
    summary: 'The server answers with a message that does not belong here.',
    remedy: 'Do not trust this server before you know why: check the address, and proxies on the way.',
  },
  SERVER_SILENT: {
    severity: 'error',
    summary: 'The server speaks CQL and does not answer this request.',
    remedy:
      'Check the log and the load of the server; a server that starts or whose nodes are down waits like this.',
  },
  SERVER_CLOSED: {
    severity: 'error',
    summary: 'The server closed the connection in the middle of the login.',
    remedy: 'See the log of the server at this time; proxies on the way may close connections too.',
  },
  SERVER_RESET: {
    severity: 'error',
    summary: 'The connection was reset in the middle of the login.',
    remedy: 'See the log of the server at this time, and firewalls and proxies on the way.',
  },
})

/** TLS beyond what tls-profiles has a code for. */
const tls = rows({
  TLS_NOT_OFFERED: {
    severity: 'warning',
    summary: 'The server speaks CQL without TLS: passwords and data cross the network readable.',
    remedy:
      'Set client_encryption_options.enabled: true in cassandra.yaml, and give the CA to the doctor and to verifyServer({ ca }).',
  },
  TLS_OPTIONAL: {
    severity: 'warning',
    summary: 'The server takes connections with TLS and without it on the same port.',
    remedy: 'When all clients use TLS, set client_encryption_options.optional: false.',
  },
  TLS_CA_NOT_GIVEN: {
    severity: 'warning',
    summary:
      "The server's certificate comes from no public CA, and no CA was given: whether it is the right server is not known.",
    remedy: 'Give the root certificate of the cluster: --ca FILE. Ask those who run it, not the server.',
  },
  CHAIN_INCOMPLETE: {
    severity: 'error',
    summary: 'The server does not send an intermediate certificate that lies between its own and your CA.',
    remedy:
      "Put the intermediate certificate behind the server's own in its keystore; until then, clients cannot verify it.",
  },
  TLS_VERSION_OLD: {
    severity: 'error',
    summary: 'The server speaks TLS 1.0 or 1.1 alone, which are broken.',
    remedy:
      'Set client_encryption_options.accepted_protocols to [TLSv1.2, TLSv1.3], or update Java on the server.',
  },
  TLS_VERSION_LEGACY: {
    severity: 'warning',
    summary: 'The server takes TLS 1.0 or 1.1 too, which are broken.',
    remedy: 'Set client_encryption_options.accepted_protocols to [TLSv1.2, TLSv1.3].',
  },
  TLS_NO_VERSION: {
    severity: 'error',
    summary: 'The server speaks TLS, and no handshake succeeds with any version.',
    remedy: 'See the detail for what OpenSSL says, and the log of the server.',
  },
  CERTIFICATE_EXPIRES_SOON: {
    severity: 'warning',
    summary: "A certificate in the server's chain expires soon.",
    remedy: 'Renew it on the server now: clients that verify refuse it from that day on.',
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
    summary: "The server's certificate has no address of the server, but its name.",
    remedy:
      'The driver connects to addresses: the option `hostname` of the profile says which name is meant, as in the code below.',
  },
  LOGINS_NOT_SEEN: {
    severity: 'note',
    summary:
      'This runtime does not show how a login ends: a proof that comes with the success cannot be verified, a refusal is not known, and a server that asks nobody is not noticed.',
    remedy:
      'Node.js shows it, and so does Deno; Bun does not. There, let the server send its proof as a challenge. What cannot be seen is refused.',
  },
  CLIENT_CERTIFICATE_OPTIONAL: {
    severity: 'note',
    summary: 'The server asks for a client certificate and lets in who has none.',
    remedy: 'Give --cert and --key to see whether yours is accepted.',
  },
  CLIENT_CERTIFICATE_NOT_ASKED: {
    severity: 'note',
    summary: 'You gave a client certificate, and the server does not ask for one.',
    remedy: 'Leave it out, or set client_encryption_options.require_client_auth on the server.',
  },
})

/** The login. */
const login = rows({
  AUTHENTICATION_OFF: {
    severity: 'warning',
    summary: 'The server asks nobody to log in: who reaches the port may do everything.',
    remedy: 'Set authenticator: PasswordAuthenticator and authorizer: CassandraAuthorizer in cassandra.yaml.',
  },
  LOGIN_BY_CERTIFICATE: {
    severity: 'warning',
    summary: 'The server knows the client by its certificate, and did not ask for the credentials.',
    remedy:
      'The certificate is the login here: leave --username out. To log in with the password, leave --cert out, if the server lets in who has no certificate.',
  },
  AUTHENTICATOR_NOT_KNOWN: {
    severity: 'note',
    summary: 'The authenticator of the server is none that we know.',
    remedy:
      'Ask those who run the server which mechanism it takes. Most take PLAIN: PlainTextAuthProvider of @x/auth-plaintext.',
  },
  CREDENTIALS_NOT_GIVEN: {
    severity: 'note',
    summary: 'The server asks for a login, and the doctor has no credentials.',
    remedy:
      'Give --username NAME (the password is asked for), --mechanism or --sigv4 to check the login too.',
  },
  LOGIN_WITHHELD: {
    severity: 'error',
    summary: 'The doctor did not log in: the password would go to a server that is not verified by TLS.',
    remedy:
      'Mend what is wrong with TLS first (--ca FILE). To send the password all the same: --allow-cleartext.',
  },
  DEFAULT_SUPERUSER: {
    severity: 'warning',
    summary: 'The login works with the role and the password that Cassandra comes with.',
    remedy:
      'Make a superuser of your own, then: ALTER ROLE cassandra WITH PASSWORD = … AND SUPERUSER = false AND LOGIN = false.',
  },
  SUPERUSER: {
    severity: 'note',
    summary: 'The role is a superuser.',
    remedy: 'Give applications a role of their own that may do what they need.',
  },
  QUERY_FAILED: {
    severity: 'error',
    summary: 'The login works, and the first query does not.',
    remedy: 'See the detail for the error, and the log of the server.',
  },
})

/** The cluster. */
const cluster = rows({
  NODE_UNREACHABLE: {
    severity: 'warning',
    summary: 'A node of the cluster cannot be reached from here.',
    remedy: 'Check rpc_address or broadcast_rpc_address of that node: drivers connect to what it announces.',
  },
  NODE_DIFFERS: {
    severity: 'warning',
    summary: 'A node of the cluster is set up differently from the others.',
    remedy: 'Give all nodes the same authenticator, the same TLS options and certificates of the same CA.',
  },
  NODE_NOT_ASKED: {
    severity: 'note',
    summary: 'The table of peers names an address that the doctor does not connect to.',
    remedy:
      'A server that is not on your own network must not send this machine to addresses that are, nor to ports of other services: run the doctor against that node itself. If clients reach the cluster from outside, set broadcast_rpc_address to an address that they can reach.',
  },
  ANSWER_UNREADABLE: {
    severity: 'warning',
    summary: 'The server does not answer a query of a system table with rows that can be read.',
    remedy:
      'What comes after it was not asked. See the log of the server; a proxy on the way may change what it passes on.',
  },
  NODES_NOT_ALL_SEEN: {
    severity: 'note',
    summary: 'The cluster has more nodes than the doctor looks at.',
    remedy: 'Run it against one of the others too, or raise --nodes.',
  },
  SHARD_PORT_UNREACHABLE: {
    severity: 'note',
    summary:
      'ScyllaDB announces a port for drivers that know its shards, and it cannot be reached from here.',
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
    summary: 'Not everything was looked at: the time or the number of connections was used up.',
    remedy: 'Raise --timeout.',
  },
})

/** `auth-doctor config`. */
const config = rows({
  CONFIG_UNREADABLE: {
    severity: 'error',
    summary: 'The file with the options of the Client cannot be loaded.',
    remedy:
      'It must be a module of JavaScript that exports the options as `default`, `options` or `clientOptions`, or a function that returns them.',
  },
  OPTION_IGNORED: {
    severity: 'warning',
    summary: 'The driver ignores an option in silence.',
    remedy: 'Correct its name, or remove it.',
  },
  TLS_NOT_VERIFIED: {
    severity: 'error',
    summary: 'The options encrypt, and take anyone who answers for the server.',
    remedy: 'Use verifyServer({ ca }) of @x/tls-profiles as sslOptions.',
  },
  TLS_NOT_USED: {
    severity: 'warning',
    summary: 'The options have no sslOptions: the connection can be read and changed by others.',
    remedy: 'Use verifyServer({ ca }) of @x/tls-profiles as sslOptions.',
  },
  TLS_GIVES_UP: {
    severity: 'warning',
    summary: 'The profile gives up a protection.',
    remedy: 'Leave the option out that does it, unless that is meant.',
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
