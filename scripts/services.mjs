/**
 * What to write for each managed service. docs/which-package.md and the landing page of the site are made from this list. The
 * code is a file in `examples/services`. The test there compiles and runs it, and fails if a file is missing in this list.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib.mjs'

/** `note`: what else a user of that service must know. Its links are relative to `docs/`. */
export const services = [
  {
    id: 'keyspaces',
    title: 'Amazon Keyspaces',
    note: 'With the AWS identity of the process: keys, a profile, SSO, a role of ECS, EKS or Lambda. More in [sigv4.md](sigv4.md).',
  },
  {
    id: 'keyspaces-password',
    title: 'Amazon Keyspaces, service-specific credentials',
    note: 'Endpoints for FIPS and VPC are in [tls.md](tls.md#managed-services).',
  },
  {
    id: 'astra',
    title: 'DataStax Astra DB',
    note: 'The bundle contains the addresses and the certificates; the password is the application token.',
  },
  {
    id: 'cosmos',
    title: 'Azure Cosmos DB for Apache Cassandra',
    note: 'No file of a CA is needed: a public CA has signed the certificate, and Node.js has its root. The data center is the region of the account, as the portal writes it.',
  },
  {
    id: 'azure-managed-instance',
    title: 'Azure Managed Instance for Apache Cassandra',
    note: 'The file `ca.pem` has the root that issued the certificates of the nodes. By default that is a public CA, which publishes it: `npx @x/auth-doctor 10.0.0.4:9042` prints its name. With certificates of your own it is your CA.',
  },
  {
    id: 'instaclustr',
    title: 'Instaclustr',
    note: 'The console has `cluster-ca-certificate.pem` and the name of the data center.',
  },
  {
    id: 'aiven',
    title: 'Aiven for Apache Cassandra',
    note: 'Host, port and `ca.pem` are on the page of the service.',
  },
  {
    id: 'scylla-cloud',
    title: 'ScyllaDB Cloud',
    note: 'The file `ca.pem` is on the page of the cluster, if it has client encryption. A cluster without it sends the password readable over the network: leave `sslOptions` out only in a network that you trust.',
  },
  {
    id: 'dse',
    title: 'DataStax Enterprise (DSE), Hyper-Converged Database (HCD)',
    note: 'The file `ca.pem` has the CA that signed the certificates of the nodes ([certificates.md](certificates.md)). The provider negotiates with DseAuthenticator, with no option. Kerberos and LDAP: [dse.md](dse.md).',
  },
  {
    id: 'k8ssandra',
    title: 'K8ssandra, and other clusters on Kubernetes',
    note: 'The secret of the superuser and the one of cert-manager, which has `ca.crt`, mounted as volumes. Manifests are in [recipes.md](recipes.md), more in [stores/kubernetes.md](stores/kubernetes.md).',
  },
  {
    id: 'yugabyte',
    title: 'YugabyteDB YCQL with a JWT',
    note: 'The token is used as the password: [oidc.md](oidc.md). The file `ca.pem` has the CA that signed the certificates of the nodes; YugabyteDB Aeon offers it for download.',
  },
  {
    id: 'own-cluster',
    title: 'Your own cluster',
    note: 'The file `ca.pem` has your own CA, or the one that signed the certificates of the nodes: [certificates.md](certificates.md). Logins without a password: [mutual-tls.md](mutual-tls.md), [kerberos.md](kerberos.md).',
  },
]

/**
 * One section for each service; it begins with a heading of that level.
 *
 * @param {string} level such as `###`
 * @returns {string[]}
 */
export function serviceSections(level) {
  return services.map(({ id, title, note }) => {
    const code = readFileSync(join(root, 'examples', 'services', `${id}.mjs`), 'utf8').trimEnd()
    const [, ca] = /\bca: '(?:[^']*\/)?([^'/]+)'/.exec(code) ?? []
    if (ca && !note.includes(`\`${ca}\``))
      throw new Error(`the note on ${title} does not say where ${ca} comes from`)
    const packages = [...code.matchAll(/^import .* from '(.+)'$/gm)].map(([, name]) => name)
    return [
      `${level} ${title}`,
      '',
      `\`\`\`sh\nnpm install ${packages.join(' ')}\n\`\`\``,
      '',
      `\`\`\`js\n${code}\n\`\`\``,
      ...(note ? ['', note] : []),
    ].join('\n')
  })
}
