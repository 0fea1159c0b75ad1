/**
 * The snippets of the guides of the Python drivers: the section of docs/coming-from/python.md that has each of them, and
 * lines that identify it. The section must have a block with these lines, and a block with our code after it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib.mjs'

const cluster = "cluster = Cluster(['127.0.0.1'], ssl_context=ssl_context)"
const trust = ["load_verify_locations('/path/to/rootca.crt')", 'verify_mode = CERT_REQUIRED']
const identity = ["load_cert_chain(certfile='/path/to/client.crt_signed'", "keyfile='/path/to/client.key')"]

/** Maps our heading to the lines that the snippet of the guide must have. */
const snippets = {
  'User name and password': [
    "PlainTextAuthProvider(username='cassandra', password='cassandra')",
    'protocol_version=2',
  ],
  SASL: ['SaslAuthProvider(**sasl_kwargs)', "'mechanism': 'GSSAPI'"],
  'The function of protocol version 1': [
    'def get_credentials(host_address):',
    'auth_provider=get_credentials',
  ],
  'What cassandra.yaml says': [
    'client_encryption_options:',
    'keystore_password: myStorePass',
    'require_client_auth: false',
  ],
  'No identity verification': ['SSLContext(PROTOCOL_TLS)', cluster],
  'The client verifies the server': [...trust, cluster],
  'The client verifies the server and its name': [
    'check_hostname = True',
    "ssl_options = {'server_hostname': '127.0.0.1'}",
  ],
  'The server verifies the client': [...identity, cluster],
  "The client's key and certificate": [
    'cat > gen_client_cert.conf',
    '[ req_distinguished_name ]',
    'openssl req -newkey rsa:2048',
    'openssl x509 -req -CA',
  ],
  'Both verify each other': [...trust, ...identity, cluster],
  'Twisted and pyOpenSSL': [
    'SSL.Context(SSL.TLSv1_2_METHOD)',
    'SSL.VERIFY_PEER',
    'connection_class=TwistedConnection',
  ],
  '`ssl_options` of version 3.16 and before': [
    "'ca_certs'",
    "'ssl_version'",
    "'cert_reqs': CERT_REQUIRED",
    'ssl_options=ssl_opts',
  ],
  "Amazon's root certificate": [
    'SSLContext(PROTOCOL_TLSv1_2)',
    "'./AmazonRootCA1.pem'",
    'verify_mode = CERT_REQUIRED',
  ],
  'The region in the environment': ['export AWS_DEFAULT_REGION=us-east-2'],
  'Keys in a boto3 session': ['boto3.Session(', 'SigV4AuthProvider(boto_session)', 'port=9142'],
  'Keys in the constructor': ['SigV4AuthProvider(aws_access_key_id=', "region_name='us-east-2'"],
  'The default credentials': ['SigV4AuthProvider()'],
}

/** Maps our heading to the lines that our code must have to do exactly the same. */
const equivalents = {
  SASL: "new SaslAuthProvider({ mechanism: 'GSSAPI', service: 'cassandra' })",
  'The default credentials': 'new Client(keyspaces())',
  'Twisted and pyOpenSSL': 'cert: readFileSync(cert)',
}

const levels = [
  'What cassandra.yaml says',
  'No identity verification',
  'The client verifies the server',
  'The client verifies the server and its name',
  'The server verifies the client',
  "The client's key and certificate",
  'Both verify each other',
  '`ssl_options` of version 3.16 and before',
]
const logins = ['User name and password', 'SASL']
const v1 = 'The function of protocol version 1'

/** Maps a guide to the headings of its snippets. */
const guides = {
  'DataStax Python driver, security, for versions 2 and 3.0': [
    ...logins,
    '`ssl_options` of version 3.16 and before',
  ],
  'DataStax Python driver, security, DSE edition': [
    ...logins,
    v1,
    '`ssl_options` of version 3.16 and before',
  ],
  'DataStax Python driver, security, from 3.17 on': [...logins, v1, ...levels],
  'ScyllaDB Python driver, security': [...logins, ...levels, 'Twisted and pyOpenSSL'],
  'cassandra-sigv4 4.0.2': [
    "Amazon's root certificate",
    'The region in the environment',
    'Keys in a boto3 session',
    'Keys in the constructor',
    'The default credentials',
  ],
}

const lists = { snippets, equivalents, guides }

/** Returns a line for each thing that the page lacks, and for each heading in the lists that the page does not have. */
export function missingGuideSnippets(page = readPage(), { snippets, equivalents, guides } = lists) {
  const sections = new Map(
    page
      .split(/^###? /m)
      .slice(1)
      .map((text) => [text.slice(0, text.indexOf('\n')), text]),
  )
  const listed = new Set(Object.values(guides).flat())
  const unlisted = Object.entries({ snippets, equivalents }).flatMap(([list, rows]) =>
    Object.keys(rows)
      .filter((heading) => !listed.has(heading))
      .map((heading) => `${list}: no guide has '${heading}'`),
  )
  const missing = Object.entries(guides).flatMap(([guide, headings]) =>
    headings.flatMap((heading) => {
      const [theirs, ...ours] = sections.get(heading)?.match(/^```\w+\n[\s\S]+?\n```$/gm) ?? []
      const lines = snippets[heading] ?? ['(the list of snippets has no such heading)']
      const equivalent = equivalents[heading] ?? ''
      return [
        ...lines.filter((line) => !theirs?.includes(line)).map((line) => `does not have: ${line}`),
        ...(ours.length > 0 ? [] : ['has nothing of ours']),
        ...(ours.some((block) => block.includes(equivalent))
          ? []
          : [`does not have, of ours: ${equivalent}`]),
        // Names that only the example defines.
        ...ours
          .flatMap((block) => block.match(/\.\.\.\w+|\w+\.issue\(\)/g) ?? [])
          .map((name) => `does not explain ${name}`),
      ].map((problem) => `${guide}: '${heading}' ${problem}`)
    }),
  )
  return [...unlisted, ...missing]
}

/** Returns the headings that could be renamed in only one place without a failure of the check above. */
export function unnoticedRenames() {
  const page = readPage()
  const inLists = ['snippets', 'equivalents'].flatMap((list) =>
    Object.keys(lists[list]).map((heading) => {
      const { [heading]: row, ...others } = lists[list]
      return [`${list}: ${heading}`, page, { ...lists, [list]: { ...others, [`${heading}, renamed`]: row } }]
    }),
  )
  const inGuides = Object.entries(guides).flatMap(([guide, headings]) =>
    headings.map((heading) => {
      const renamed = headings.map((each) => (each === heading ? `${heading}, renamed` : each))
      return [`${guide}: ${heading}`, page, { ...lists, guides: { ...guides, [guide]: renamed } }]
    }),
  )
  const inPage = Object.keys(snippets).map((heading) => [
    `page: ${heading}`,
    page.replace(`### ${heading}\n`, `### ${heading}, renamed\n`),
    lists,
  ])
  return [...inLists, ...inGuides, ...inPage]
    .filter(([, text, changed]) => missingGuideSnippets(text, changed).length === 0)
    .map(([where]) => `${where}: nobody notices another heading`)
}

function readPage() {
  return readFileSync(join(root, 'docs', 'coming-from', 'python.md'), 'utf8')
}
