/** One row for each profile; a test compares this with the files in `profiles/` and with the documentation. */
export const profiles = {
  unverified: { file: 'danger', purpose: 'encryption only' },
  verifyServer: { file: 'profiles/verify-server', purpose: 'the client verifies the server' },
  verifyClient: { file: 'profiles/verify-client', purpose: 'the server verifies the client' },
  mutual: { file: 'profiles/mutual', purpose: 'both ways' },
  fromSecureContext: { file: 'profiles/from-secure-context', purpose: 'a SecureContext of your own' },
  fromLegacyOptions: { file: 'profiles/from-legacy-options', purpose: "the Python drivers' ssl_options" },
  keyspaces: { file: 'profiles/keyspaces', purpose: 'Amazon Keyspaces' },
  cosmos: { file: 'profiles/cosmos', purpose: 'Azure Cosmos DB for Apache Cassandra' },
  astra: { file: 'profiles/astra', purpose: 'DataStax Astra, by its bundle' },
} as const

/** The name of a profile, as in its record. */
export type ProfileName = keyof typeof profiles
