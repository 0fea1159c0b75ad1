/**
 * npm run demo
 *     the main job and four failures, on a server in this process
 * npm run demo -- --cassandra HOST[:PORT] --username NAME [--ca FILE] [--cert FILE --key FILE] [--servername NAME]
 *     the login on your own cluster; the password is asked for, or taken from CASSANDRA_PASSWORD
 */
import { parseArgs } from 'node:util'
import { embedded } from './embedded.mjs'
import { ownCluster } from './own-cluster.mjs'

try {
  const { values } = parseArgs({
    options: {
      cassandra: { type: 'string' },
      username: { type: 'string' },
      ca: { type: 'string' },
      cert: { type: 'string' },
      key: { type: 'string' },
      servername: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) usage(0)
  else if (values.cassandra) process.exitCode = await ownCluster(values)
  else if (Object.keys(values).length > 0) usage(1, 'the other options go with --cassandra HOST[:PORT]')
  else process.exitCode = await embedded()
} catch (error) {
  // Every user of the machine can read a password on a command line, so there is no option for one.
  const password = error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' && /password/i.test(error.message)
  usage(1, password ? 'a password is never an argument; it is asked for' : error.message)
}

function usage(exitCode, problem) {
  if (problem) console.error(`demo: ${problem}\n`)
  console.error('npm run demo')
  console.error(
    'npm run demo -- --cassandra HOST[:PORT] --username NAME [--ca FILE] [--cert FILE --key FILE] [--servername NAME]',
  )
  console.error('    with the password asked for, or in the environment variable CASSANDRA_PASSWORD')
  process.exitCode = exitCode
}
