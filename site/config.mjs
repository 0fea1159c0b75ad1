/** The settings of VitePress; `scripts/site.mjs` puts the pages beside it. */
import { identity } from '../scripts/manifests.mjs'

const document = (text, name) => ({ text, link: `/docs/${name}` })

/** @param {string[]} packages folders of packages */
export const config = (packages) => ({
  title: '@x/auth',
  description: 'Authentication providers and TLS profiles for the stock Node.js driver of Apache Cassandra',
  cleanUrls: true,
  themeConfig: {
    search: { provider: 'local' },
    outline: 'deep',
    socialLinks: [{ icon: 'github', link: identity.repository }],
    nav: [
      document('Begin', 'which-package'),
      document('Documents', ''),
      { text: 'API', link: '/api/index.html', target: '_self' },
    ],
    sidebar: [
      {
        text: 'Begin',
        items: [
          document('Which package', 'which-package'),
          document('Recipes', 'recipes'),
          document('From the Python drivers', 'coming-from/python'),
          document('From the driver itself', 'coming-from/stock-driver'),
          document('From AWS’s plugin', 'coming-from/aws-plugin'),
          document('From the Java driver', 'coming-from/java'),
        ],
      },
      { text: 'Packages', items: packages.map((name) => ({ text: name, link: `/packages/${name}/` })) },
      {
        text: 'Logins',
        items: [
          document('Authenticators', 'authenticators'),
          document('Credentials', 'credentials'),
          document('Stores', 'stores/'),
          document('SASL', 'sasl'),
          document('Kerberos', 'kerberos'),
          document('DSE', 'dse'),
          document('Keyspaces', 'sigv4'),
          document('OAuth and OIDC', 'oidc'),
          document('Your own provider', 'writing-a-provider'),
        ],
      },
      {
        text: 'TLS',
        items: [
          document('TLS', 'tls'),
          document('Certificates', 'certificates'),
          document('Logins by certificate', 'mutual-tls'),
          document('Migration', 'migration'),
        ],
      },
      {
        text: 'When it fails',
        items: [
          document('Errors', 'errors'),
          document('The doctor', 'doctor'),
          document('Its findings', 'findings'),
        ],
      },
      {
        text: 'What it rests on',
        items: [
          document('Defaults', 'defaults'),
          document('Threat model', 'threat-model'),
          document('Benchmarks', 'benchmarks'),
          document('Versions and releases', 'releases'),
        ],
      },
    ],
  },
})
