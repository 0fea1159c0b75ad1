/**
 * Checks docs/releases.md against what is tested and declared: versions of Node.js, the driver and TypeScript, and the release
 * workflow.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { applications, notBundled } from '../compat/bundlers/applications.mjs'
import { environments } from '../compat/environments.mjs'
import { publicPackages, root } from './lib.mjs'

const bundled = (name) => Object.values(applications).some((source) => source.includes(`'${name}'`))
const read = (file) => readFileSync(join(root, file), 'utf8')

/** Returns a line for each difference. */
export function wrongPromisesOfSupport() {
  const page = read('docs/releases.md')
  const cell = (title) => new RegExp(`^\\| ${title} \\| ([^|]*) \\|`, 'm').exec(page)?.[1] ?? ''
  const tested = (start) =>
    environments.filter(({ title }) => title.startsWith(start)).map(({ title }) => title.slice(start.length))
  const nodes = tested('Node.js ')
  const drivers = tested('cassandra-driver ')
  const [first = '', last = ''] = [drivers[0], drivers.at(-1)?.replace(/\.0$/, '')]
  const compilers = [...read('scripts/check-packages.mjs').matchAll(/'typescript-([\d.]+)'/g)].map(
    ([, v]) => v,
  )
  const [, ci = ''] = /node: \[(.*)\]/.exec(read('.github/workflows/ci.yml')) ?? []
  const release = read('.github/workflows/release.yml')
  const facts = {
    [`Node.js: the environments are ${nodes.join(', ')}`]: cell('Node\\.js') === nodes.join(', '),
    [`CI tests Node.js ${ci}`]: ci === nodes.join(', '),
    [`cassandra-driver: the environments are ${first} to ${last}`]:
      cell('cassandra-driver') === `${first} to ${last}`,
    [`TypeScript: the oldest that is tested is ${compilers[0]}`]: cell('TypeScript').startsWith(
      `${compilers[0]} and later`,
    ),
    'the workflow publishes by OpenID Connect, with provenance and without a token':
      /id-token: write/.test(release) &&
      /PROVENANCE: "true"/.test(release) &&
      !/NPM_TOKEN|secrets\./.test(release),
  }
  const packages = publicPackages().flatMap(({ name, manifest }) => [
    ...(manifest.engines?.node === `>=${nodes[0]}` ? [] : [`${name}: engines is ${manifest.engines?.node}`]),
    ...([undefined, `>=${first} <5`].includes(manifest.peerDependencies?.['cassandra-driver'])
      ? []
      : [`${name}: the driver is ${manifest.peerDependencies['cassandra-driver']}`]),
    ...(bundled(name) !== name in notBundled
      ? []
      : [`${name}: compat/bundlers/applications.mjs bundles it, or says why not`]),
    ...(name in notBundled && !page.includes(`\`${name}\`, because ${notBundled[name]}`)
      ? [`${name} is not bundled, because ${notBundled[name]}`]
      : []),
    ...(manifest.files.includes('CHANGELOG.md') ? [] : [`${name} does not ship its CHANGELOG.md`]),
  ])
  return [
    ...Object.entries(facts)
      .filter(([, holds]) => !holds)
      .map(([fact]) => fact),
    ...packages,
  ]
}
