/**
 * The code that the doctor gives to paste, each kind of it once, for a compiler: what `pasteFor` makes of what is known of a server. Whether it logs
 * in is tested beside the doctor.
 */

const nothing = {
  host: 'db.example',
  port: 9042,
  dataCenter: 'dc1',
  tls: true,
  profile: { ca: 'ca.pem' },
  hasPassphrase: false,
  authenticator: 'org.apache.cassandra.auth.PasswordAuthenticator',
  login: undefined,
  mutual: false,
  service: undefined,
  bundle: undefined,
}

const password = { kind: 'password', username: 'app', password: () => '' }
const by = (mechanism) => ({ kind: 'mechanism', mechanism, username: 'app', password: () => '' })
const service = (kind, facts) => ({ kind, facts, publicRoots: true })

/** Title → what is known; the types are those of packages/auth-doctor/src/paste/recipe.ts. */
export const knownServers = {
  'a password': { ...nothing, login: password },
  'a password without TLS': { ...nothing, tls: false, profile: undefined, login: password },
  'TLS, and no CA that is known': { ...nothing, profile: undefined, dataCenter: undefined },
  'several CAs, a list, a name': {
    ...nothing,
    profile: { ca: ['a.pem', 'b.pem'], crl: 'crl.pem', hostname: 'db.example' },
  },
  'public roots': { ...nothing, profile: { systemRoots: true } },
  'nobody is asked': { ...nothing, authenticator: null },
  'a certificate and a password': {
    ...nothing,
    profile: { ca: 'ca.pem', cert: 'client.pem', key: 'client.key', maxVersion: 'TLSv1.3' },
    login: password,
  },
  'a store with a passphrase': {
    ...nothing,
    profile: { ca: 'ca.pem', pfx: 'client.p12' },
    hasPassphrase: true,
    login: { kind: 'certificate' },
  },
  'SCRAM-SHA-256': { ...nothing, login: by('SCRAM-SHA-256'), mutual: true },
  'SCRAM-SHA-256 without TLS': {
    ...nothing,
    tls: false,
    profile: undefined,
    login: by('SCRAM-SHA-256'),
    mutual: true,
  },
  'DIGEST-MD5': { ...nothing, login: by('DIGEST-MD5'), mutual: true },
  OAUTHBEARER: { ...nothing, login: by('OAUTHBEARER') },
  EXTERNAL: { ...nothing, login: by('EXTERNAL') },
  Kerberos: { ...nothing, authenticator: 'com.instaclustr.cassandra.auth.KerberosAuthenticator' },
  'Amazon Keyspaces': {
    ...nothing,
    host: 'cassandra.eu-west-1.amazonaws.com',
    login: { kind: 'sigv4', profile: 'production' },
    service: service('Amazon Keyspaces', { region: 'eu-west-1' }),
  },
  'Amazon Keyspaces at another endpoint': {
    ...nothing,
    host: 'vpce-1.cassandra.eu-west-1.vpce.amazonaws.com',
    login: { kind: 'sigv4', profile: undefined },
    service: service('Amazon Keyspaces', { region: 'eu-west-1' }),
  },
  'SigV4 elsewhere': { ...nothing, login: { kind: 'sigv4', profile: undefined } },
  'Azure Cosmos DB': {
    ...nothing,
    login: password,
    service: service('Azure Cosmos DB', { account: 'mine' }),
  },
  'DataStax Astra': { ...nothing, bundle: 'secure-connect-db.zip', login: password },
}
