/**
 * The snippets of the guides of the Python drivers: which section of docs/coming-from/python.md has each beside ours. The
 * section must have their code and ours.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib.mjs'

const tls = {
  'No identity verification': 'No identity verification',
  'Client verifies server': 'The client verifies the server',
  'Client verifies server, with the host name': 'The client verifies the server and its name',
  'Server verifies client: key, request and certificate': "The client's key and certificate",
  'Server verifies client: the driver': 'The server verifies the client',
  'Server verifies client and client verifies server': 'Both verify each other',
  'Versions 3.16.0 and lower': '`ssl_options` of version 3.16 and before',
}
const password = { PlainTextAuthProvider: 'User name and password', SaslAuthProvider: 'SASL' }
const v1 = { 'Protocol v1 authentication': 'The function of protocol version 1' }

/** Guide → snippet of it → heading of ours. */
const guides = {
  'DataStax Python driver, security, for versions 2 and 3.0': {
    ...password,
    'SSL: ssl_opts': '`ssl_options` of version 3.16 and before',
  },
  'DataStax Python driver, security, DSE edition': {
    ...password,
    ...v1,
    'SSL: ssl_opts': '`ssl_options` of version 3.16 and before',
  },
  'DataStax Python driver, security, from 3.17 on': { ...password, ...v1, ...tls },
  'ScyllaDB Python driver, security': {
    ...password,
    ...tls,
    'Twisted and pyOpenSSL': 'Twisted and pyOpenSSL',
  },
  'cassandra-sigv4 4.0.2': {
    'the TLS context': "Amazon's root certificate",
    'the region: environment variable': 'The region in the environment',
    'a boto3 session': 'Keys in a boto3 session',
    'explicit keys': 'Keys in the constructor',
    'the default credential discovery': 'The default credentials',
  },
}

/** What the page lacks, a line each. */
export function missingGuideSnippets() {
  const page = readFileSync(join(root, 'docs', 'coming-from', 'python.md'), 'utf8')
  const sections = new Map(
    page
      .split(/^###? /m)
      .slice(1)
      .map((text) => [text.slice(0, text.indexOf('\n')), text]),
  )
  return Object.entries(guides).flatMap(([guide, snippets]) =>
    Object.entries(snippets).flatMap(([snippet, heading]) => {
      const blocks = sections.get(heading)?.match(/^```\w+\n[\s\S]+?\n```$/gm) ?? []
      return blocks.length >= 2 ? [] : [`${guide}: ${snippet} (no section '${heading}' with theirs and ours)`]
    }),
  )
}
