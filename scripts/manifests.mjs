/**
 * The data of the project in the package.json of every package, from `identity.json`: the address of the repository,
 * home page, issues, author, settings for publishing. `npm run docs` writes it, and names a package without keywords.
 */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { root } from './lib.mjs'

export const identity = JSON.parse(readFileSync(join(root, 'scripts', 'identity.json'), 'utf8'))

const everywhere = ['cassandra', 'cassandra-driver', 'cql']

/** The words that people search for, by the folder of the package. */
const keywords = {
  'auth-conformance': ['authentication', 'sasl', 'conformance', 'testing'],
  'auth-core': ['authentication', 'credentials', 'rotation', 'secrets-manager'],
  'auth-doctor': ['diagnostics', 'cli', 'tls', 'authentication'],
  'auth-oidc': ['authentication', 'oauth2', 'oidc', 'oauthbearer', 'jwt'],
  'auth-plaintext': ['authentication', 'password', 'dse', 'astra'],
  'auth-sasl': [
    'authentication',
    'sasl',
    'scram',
    'channel-binding',
    'digest-md5',
    'gssapi',
    'kerberos',
    'oauthbearer',
  ],
  'auth-sigv4': ['authentication', 'aws', 'keyspaces', 'amazon-keyspaces', 'sigv4', 'iam'],
  'auth-testserver': ['testing', 'mock', 'server', 'fault-injection'],
  'auth-vault': ['authentication', 'vault', 'openbao', 'hashicorp', 'secrets', 'rotation'],
  'tls-profiles': ['tls', 'ssl', 'mtls', 'certificate', 'spiffe', 'rotation', 'pkcs12'],
}

/** The files that every package ships. A package with a command or a schema adds those. Source maps lead to `src`. */
const shipped = ['dist', 'src', 'README.md', 'CHANGELOG.md', 'LICENSE', 'NOTICE']

/** On the page of a registry a relative link does not work. */
const packing = {
  prepack: 'node ../../scripts/packed-readme.mjs',
  postpack: 'node ../../scripts/packed-readme.mjs --undo',
}

/** Returns the text of a package's package.json with the data of the project. @param {string} folder @param {string} text */
export function manifestOf(folder, text) {
  const name = basename(folder)
  const own = keywords[name]
  if (!own) throw new Error(`scripts/manifests.mjs has no keywords for packages/${name}`)
  const { repository, author } = identity
  const said = {
    keywords: [...everywhere, ...own],
    homepage: `${repository}/tree/main/packages/${name}#readme`,
    bugs: `${repository}/issues`,
    repository: { type: 'git', url: `git+${repository}.git`, directory: `packages/${name}` },
    author,
    type: 'commonjs',
    publishConfig: { access: 'public', provenance: true },
  }
  const { name: packageName, version, description, license, ...rest } = JSON.parse(text)
  const head = { name: packageName, version, description, license }
  rest.files = [...(rest.files ?? []).filter((file) => !shipped.includes(file)), ...shipped]
  rest.scripts = { ...rest.scripts, ...packing }
  return `${JSON.stringify({ ...head, ...said, ...without(rest, Object.keys(said)) }, null, 2)}\n`
}

function without(object, names) {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
}
