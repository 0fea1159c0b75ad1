/**
 * Logs in with each of our packages that can log in, over verified TLS, to the servers of ../servers.mjs. `packages`
 * are the modules, which the caller has loaded by import or by require.
 */
exports.logins = ({ driver, plaintext, profiles, sasl, sigv4 }) => {
  const env = process.env
  // A long limit: the machine may be busy, and speed is not tested here.
  const deadlineMs = 120_000
  const user = { username: 'app', password: env.PASSWORD, deadlineMs }
  const login = (port, authProvider) => async () => {
    const client = new driver.Client({
      contactPoints: [`127.0.0.1:${port}`],
      localDataCenter: 'datacenter1',
      sslOptions: profiles.verifyServer({ ca: env.CA }),
      authProvider: authProvider(),
      pooling: { heartBeatInterval: 0 },
      socketOptions: { connectTimeout: deadlineMs, readTimeout: deadlineMs },
    })
    try {
      await client.connect()
      const { rows } = await client.execute('SELECT release_version FROM system.local')
      if (rows.length !== 1) throw new Error('no answer to a query')
    } finally {
      await client.shutdown()
    }
  }
  return {
    PLAIN: login(env.PLAIN_PORT, () => new plaintext.PlainTextAuthProvider(user)),
    'SCRAM-SHA-256': login(
      env.SCRAM_PORT,
      () => new sasl.SaslAuthProvider({ mechanism: 'SCRAM-SHA-256', ...user }),
    ),
    SigV4: login(env.SIGV4_PORT, () => new sigv4.SigV4AuthProvider({ region: env.AWS_REGION, deadlineMs })),
  }
}

/** Maps each login to `ok` or to the reason why it failed. */
exports.results = async (logins) => {
  const entries = Object.entries(logins).map(async ([name, login]) => [
    name,
    await login().then(
      () => 'ok',
      (error) => Object.values(error.innerErrors ?? {})[0]?.message ?? error.message,
    ),
  ])
  return Object.fromEntries(await Promise.all(entries))
}
