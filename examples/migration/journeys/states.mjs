/**
 * The settings of cassandra.yaml that several journeys use. The key stores are PEM, which every node from 4.1 on can read: key,
 * certificate and CA in one file. With PKCS #12 stores the steps are the same.
 */
const context = { class_name: 'org.apache.cassandra.security.PEMBasedSslContextFactory' }

/** `client_encryption_options` of a node that accepts only connections with TLS. */
export const tls = {
  enabled: true,
  optional: false,
  ssl_context_factory: context,
  keystore: '/etc/cassandra/tls/node.pem',
  accepted_protocols: ['TLSv1.2'],
}

export const password = {
  authenticator: 'org.apache.cassandra.auth.PasswordAuthenticator',
  role_manager: 'CassandraRoleManager',
}

/** The files of a node and of every client at the start of most journeys. */
export const nodeFiles = { 'node.pem': 'an RSA key, of the old CA' }
export const clientFiles = { 'ca.crt': 'the old CA' }
