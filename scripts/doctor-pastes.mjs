/**
 * Each kind of code that the doctor prints for pasting, once, for the compiler. `pasteFor` makes it from what the doctor knows about a server. The
 * tests of the doctor check that it logs in.
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

/** Maps a title to what the doctor knows. The types are in packages/auth-doctor/src/paste/recipe.ts. */
export const knownServers = {
  'a password': { ...nothing, login: password },
  'a password without TLS': { ...nothing, tls: false, profile: undefined, login: password },
  'TLS with an unknown CA': { ...nothing, profile: undefined, dataCenter: undefined },
  'several CAs, a list, a name': {
    ...nothing,
    profile: { ca: ['a.pem', 'b.pem'], crl: 'crl.pem', hostname: 'db.example' },
  },
  'public roots': { ...nothing, profile: { systemRoots: true } },
  'no login': { ...nothing, authenticator: null },
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
