/** An authenticator of a server that is known from its public source or documentation. */
export interface KnownAuthenticator {
  /** What the server sends in AUTHENTICATE. */
  readonly className: string
  /** Whose it is. */
  readonly product: string
  /** The mechanisms that it takes, and no others; `any` if it takes more than can be listed, or if that is not certain. */
  readonly takes: readonly string[] | 'any'
  /** What to use, as the end of the sentence "Use …". */
  readonly use: string
  /** Where that can be read. */
  readonly source: string
}

const plainText = 'PlainTextAuthProvider of @x/auth-plaintext'
const inTransition = `${plainText}, or its TransitionalAuthProvider for a client without credentials`
const kerberos = "SaslAuthProvider({ mechanism: 'GSSAPI' }) of @x/auth-sasl"
const certificate =
  'CertificateAuthProvider of @x/auth-core with a client certificate (mutual() of @x/tls-profiles)'

const cassandra = 'https://github.com/apache/cassandra/tree/trunk/src/java/org/apache/cassandra/auth'
const scylla = 'https://github.com/scylladb/scylladb/tree/master/auth'
const gocql =
  'https://github.com/apache/cassandra-gocql-driver/blob/v1.6.0/conn.go (its list for user name and password)'
const dse4 = 'https://docs.datastax.com/en/datastax_enterprise/4.8/datastax_enterprise/sec'
const ldap = 'https://github.com/instaclustr/cassandra-ldap'
const ecAudit = 'https://github.com/Ericsson/ecaudit/blob/release/c4.0/doc/setup.md'

/**
 * Which authenticators there are and what they take. A row stands here only if public source or documentation says so. The
 * mechanisms in `takes` are certain: a provider that has none of them is refused before a credential is touched.
 */
export const knownAuthenticators: readonly KnownAuthenticator[] = [
  {
    className: 'org.apache.cassandra.auth.AllowAllAuthenticator',
    product: 'Apache Cassandra, ScyllaDB',
    takes: 'any',
    use: 'no authProvider: it asks for no login',
    source: cassandra,
  },
  {
    className: 'org.apache.cassandra.auth.PasswordAuthenticator',
    product: 'Apache Cassandra, ScyllaDB, YugabyteDB, Stargate',
    takes: ['PLAIN'],
    use: plainText,
    source: `${cassandra} and cql_processor.cc of YugabyteDB, Cassandra40PersistenceActivator.java of Stargate`,
  },
  {
    className: 'org.apache.cassandra.auth.MutualTlsAuthenticator',
    product: 'Apache Cassandra 5',
    // Whatever token comes, the certificate decides.
    takes: 'any',
    use: certificate,
    source: cassandra,
  },
  {
    className: 'org.apache.cassandra.auth.MutualTlsWithPasswordFallbackAuthenticator',
    product: 'Apache Cassandra 5',
    takes: 'any',
    use: `${plainText}, or ${certificate}`,
    source: cassandra,
  },
  {
    className: 'com.datastax.bdp.cassandra.auth.DseAuthenticator',
    product: 'DataStax Enterprise 5 and 6',
    takes: 'any',
    use: `${plainText} for internal and LDAP users, ${kerberos} for Kerberos`,
    source: 'https://docs.datastax.com/en/dse/6.9/managing/configure/configure-dse-yaml.html',
  },
  {
    className: 'com.datastax.bdp.cassandra.auth.KerberosAuthenticator',
    product: 'DataStax Enterprise 4',
    takes: ['GSSAPI'],
    use: kerberos,
    source: 'https://docs.datastax.com/en/datastax_enterprise/4.7/datastax_enterprise/sec/secDSEauth.html',
  },
  {
    className: 'com.datastax.bdp.cassandra.auth.LdapAuthenticator',
    product: 'DataStax Enterprise 4',
    takes: ['PLAIN'],
    use: plainText,
    source: `${dse4}/secLdapEnabling.html`,
  },
  {
    className: 'com.datastax.bdp.cassandra.auth.TransitionalAuthenticator',
    product: 'DataStax Enterprise 4',
    takes: ['PLAIN'],
    use: inTransition,
    source: `${dse4}/secEnablingInternalSecurity.html`,
  },
  {
    className: 'com.datastax.cassandra.auth.AdvancedAuthenticator',
    product: 'Hyper-Converged Database (HCD)',
    takes: 'any',
    use: `${plainText} for internal and LDAP users`,
    source:
      'https://docs.datastax.com/en/hyper-converged-database/1.2/secure/about-unified-authentication.html',
  },
  {
    className: 'com.scylladb.auth.TransitionalAuthenticator',
    product: 'ScyllaDB',
    takes: ['PLAIN'],
    use: inTransition,
    source: `${scylla}/transitional.cc`,
  },
  {
    className: 'com.scylladb.auth.SaslauthdAuthenticator',
    product: 'ScyllaDB with saslauthd (LDAP, PAM)',
    takes: ['PLAIN'],
    use: plainText,
    source: `${scylla}/saslauthd_authenticator.cc`,
  },
  {
    className: 'com.scylladb.auth.CertificateAuthenticator',
    product: 'ScyllaDB',
    // It asks only if no certificate told it who the client is, and then accepts no answer.
    takes: [],
    use: 'a client certificate (mutual() of @x/tls-profiles) and no authProvider',
    source: `${scylla}/certificate_authenticator.cc`,
  },
  {
    className: 'com.scylladb.auth.CertificateOrPasswordAuthenticator',
    product: 'ScyllaDB',
    takes: ['PLAIN'],
    use: `${plainText}, or a client certificate (mutual() of @x/tls-profiles)`,
    source: `${scylla}/certificate_or_password_authenticator.hh`,
  },
  {
    className: 'com.amazon.helenus.auth.HelenusAuthenticator',
    product: 'Amazon Keyspaces',
    takes: ['PLAIN', 'SigV4'],
    use: `SigV4AuthProvider of @x/auth-sigv4, or ${plainText} with service-specific credentials`,
    source:
      'https://github.com/apache/cassandra-gocql-driver/pull/1379 and https://docs.aws.amazon.com/keyspaces/latest/devguide/programmatic.credentials.html',
  },
  {
    className: 'com.instaclustr.cassandra.auth.KerberosAuthenticator',
    product: 'Instaclustr Kerberos authenticator for Apache Cassandra',
    takes: ['GSSAPI'],
    use: kerberos,
    source: 'https://github.com/instaclustr/cassandra-kerberos',
  },
  ...[
    'org.apache.cassandra.auth.LDAPAuthenticator',
    'org.apache.cassandra.auth.Cassandra30LDAPAuthenticator',
    'org.apache.cassandra.auth.Cassandra22LDAPAuthenticator',
    'com.instaclustr.cassandra.ldap.LDAPAuthenticator',
  ].map((className) => ({
    className,
    product: 'Instaclustr LDAP authenticator for Apache Cassandra',
    takes: ['PLAIN'],
    use: plainText,
    source: ldap,
  })),
  ...['InstaclustrPasswordAuthenticator', 'SharedSecretAuthenticator'].map((name) => ({
    className: `com.instaclustr.cassandra.auth.${name}`,
    product: 'Instaclustr',
    takes: ['PLAIN'],
    use: plainText,
    source: gocql,
  })),
  {
    className: 'io.aiven.cassandra.auth.AivenAuthenticator',
    product: 'Aiven',
    takes: ['PLAIN'],
    use: plainText,
    source: gocql,
  },
  {
    className: 'com.ericsson.bss.cassandra.ecaudit.auth.AuditAuthenticator',
    product: 'ecAudit; Azure Managed Instance for Apache Cassandra',
    // It hands the login on to another, PasswordAuthenticator unless it is told otherwise.
    takes: 'any',
    use: plainText,
    source: ecAudit,
  },
  {
    className: 'com.ericsson.bss.cassandra.ecaudit.auth.AuditPasswordAuthenticator',
    product: 'ecAudit before 2.5',
    takes: ['PLAIN'],
    use: plainText,
    source: ecAudit,
  },
]
