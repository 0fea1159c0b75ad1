/**
 * What to write for each managed service: the one declaration that docs/which-package.md and the landing page of the site
 * are made from. The code is a file of `examples/services`, whose test compiles it, runs it, and fails when one is missing here.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib.mjs'

/** `note`: what else a user of that service must know; links as seen from `docs/`. */
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
    note: 'The data center is the region of the account, as the portal writes it.',
  },
  {
    id: 'azure-managed-instance',
    title: 'Azure Managed Instance for Apache Cassandra',
    note: '',
  },
  {
    id: 'instaclustr',
    title: 'Instaclustr',
    note: 'The console has the certificate of the CA and the name of the data center.',
  },
  {
    id: 'aiven',
    title: 'Aiven for Apache Cassandra',
    note: 'Host, port and `ca.pem` are on the page of the service.',
  },
  {
    id: 'scylla-cloud',
    title: 'ScyllaDB Cloud',
    note: 'Leave `sslOptions` out if the cluster has no client encryption.',
  },
  {
    id: 'dse',
    title: 'DataStax Enterprise (DSE), Hyper-Converged Database (HCD)',
    note: 'Negotiates with DseAuthenticator by itself. Kerberos and LDAP: [dse.md](dse.md).',
  },
  {
    id: 'k8ssandra',
    title: 'K8ssandra, and other clusters on Kubernetes',
    note: 'The secret of the superuser and the one of cert-manager, mounted as volumes. Manifests are in [recipes.md](recipes.md), more in [stores/kubernetes.md](stores/kubernetes.md).',
  },
  {
    id: 'yugabyte',
    title: 'YugabyteDB YCQL with a JWT',
    note: 'The token is used as the password: [oidc.md](oidc.md).',
  },
  {
    id: 'own-cluster',
    title: 'Your own cluster',
    note: 'Certificates from your own CA: [certificates.md](certificates.md). Logins without a password: [mutual-tls.md](mutual-tls.md), [kerberos.md](kerberos.md).',
  },
]

/** One section for each, a heading of that level first. @param {string} level such as `###` @returns {string[]} */
export function serviceSections(level) {
  return services.map(({ id, title, note }) => {
    const code = readFileSync(join(root, 'examples', 'services', `${id}.mjs`), 'utf8').trimEnd()
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
