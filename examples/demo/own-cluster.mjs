import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { assertAuthenticated, assertNotAnonymous, parseEndpoint, secureClientOptions } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'
import { mutual, verifyServer } from '@x/tls-profiles'
import cassandra from 'cassandra-driver'
import { bad, explain, faint, good, heading, line, lineOfError } from './report.mjs'

/** Logs in to one node of the user's own cluster; returns the exit code. */
export async function ownCluster({ cassandra: target, username, ca, cert, key, servername }) {
  if (!username) throw new Error('--cassandra needs --username NAME')
  const { host, port } = parseTarget(target)
  const { address } = await lookup(host).catch(({ code }) => {
    throw new Error(
      `No address was found for ${host} (${code}). Check the name after --cassandra, and the network.`,
    )
  })
  const authProvider = new PlainTextAuthProvider(username, await password())
  if (!ca && (cert || key || servername)) throw new Error('--cert, --key and --servername need --ca FILE')
  if (!cert !== !key) throw new Error('--cert FILE and --key FILE go together')
  const hostname = servername ?? (isIP(host) ? 'address' : host)
  const sslOptions = ca && (cert ? mutual({ ca, cert, key, hostname }) : verifyServer({ ca, hostname }))
  heading('•', `Log in to ${host} (${address}), port ${port}, as ${username}`)
  if (!sslOptions)
    line(bad('Without --ca FILE there is no TLS: the password is sent over the network in plain text.'))

  const { loadBalancing } = cassandra.policies
  const endpoint = `${address}:${port}`
  const options = {
    contactPoints: [isIP(address) === 6 ? `[${address}]:${port}` : endpoint],
    authProvider,
    ...(sslOptions ? { sslOptions } : {}),
    protocolOptions: { port },
    // Uses only this node: the demo shows one login, and does not need the name of a data center.
    policies: {
      loadBalancing: new loadBalancing.AllowListPolicy(new loadBalancing.RoundRobinPolicy(), [endpoint]),
    },
    pooling: { heartBeatInterval: 0 },
  }
  const client = new cassandra.Client(
    secureClientOptions(options, { allowCleartextWithoutVerifiedTls: !sslOptions }),
  )
  const startedAt = performance.now()
  try {
    await client.connect()
    // With a TLS profile the connection record knows which connections logged in; otherwise the server is asked.
    if (sslOptions) assertAuthenticated(client, authProvider)
    else await assertNotAnonymous(client)
    const { rows } = await client.execute('SELECT release_version, cluster_name FROM system.local')
    const elapsed = faint(`(${Math.round(performance.now() - startedAt)} ms)`)
    line(
      `${good('✓')} logged in; cluster ${rows[0].cluster_name}, release_version ${rows[0].release_version} ${elapsed}`,
    )
    return 0
  } catch (error) {
    line(`${bad('✗')} ${faint(`(${Math.round(performance.now() - startedAt)} ms)`)}`)
    const found = explain(error)
    if (found) lineOfError(found)
    else line(error.message)
    return 1
  } finally {
    await client.shutdown()
    sslOptions?.close()
  }
}

/** `host`, `host:port`, `[::1]:port`, or a bare IPv6 address. */
function parseTarget(target) {
  if (isIP(target)) return { host: target, port: 9042 }
  if (!/:\d+$/.test(target)) return { host: target.replace(/^\[(.*)\]$/, '$1'), port: 9042 }
  const { address, port } = parseEndpoint(target)
  return { host: address, port }
}

async function password() {
  if (process.env.CASSANDRA_PASSWORD) return process.env.CASSANDRA_PASSWORD
  if (!process.stdin.isTTY) throw new Error('set CASSANDRA_PASSWORD, or run this in a terminal to be asked')
  process.stdout.write('Password: ')
  // readline echoes the input to its output, which discards it here.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  const answer = await new Promise((resolve) => terminal.question('', resolve))
  terminal.close()
  process.stdout.write('\n')
  return answer
}
