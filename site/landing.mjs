/** The first page: what the project is, followed by what to write for each service. */
import { slug } from '../scripts/anchors.mjs'
import { serviceSections, services } from '../scripts/services.mjs'

const hero = {
  name: '@x/auth',
  text: 'Logins and TLS for the Node.js driver of Apache Cassandra',
  tagline: 'The stock driver, unchanged. Every login ends, TLS verifies, and a failure says what to do.',
  actions: [
    { theme: 'brand', text: 'Which package do I need', link: '/docs/which-package' },
    { theme: 'alt', text: 'Documents', link: '/docs/' },
  ],
}

/** Title, sentence and link. */
const more = [
  [
    'Passwords',
    'From a value, a file, the environment, Vault or AWS. Rotation without a restart.',
    '/packages/auth-plaintext/',
  ],
  ['SASL', 'SCRAM, Kerberos, DIGEST-MD5, OAUTHBEARER and mechanisms of your own.', '/packages/auth-sasl/'],
  ['Amazon Keyspaces', 'SigV4 with any AWS credentials.', '/packages/auth-sigv4/'],
  ['TLS', 'Profiles that verify by default and explain themselves.', '/packages/tls-profiles/'],
  ['The doctor', 'One command that says what is wrong, and prints the options.', '/packages/auth-doctor/'],
  ['Errors', 'Each has a code, a cause and a remedy.', '/docs/errors'],
]

/** Links are relative to `docs/`. */
export function landingPage() {
  return [
    '---',
    'layout: home',
    // JSON is YAML.
    `hero: ${JSON.stringify(hero)}`,
    '---',
    '',
    '## What to write for your service',
    '',
    services.map(({ title }) => `[${title}](#${slug(title)})`).join(' · '),
    '',
    '<div class="services">',
    ...serviceSections('###').flatMap((section) => ['', '<div>', '', section, '', '</div>']),
    '',
    '</div>',
    '',
    '## Contents',
    '',
    ...more.map(([title, details, link]) => `- [${title}](${link}): ${details}`),
    '- <a href="/api/index.html" target="_self">API</a>: names and types of all packages, with its own search.',
    '',
  ].join('\n')
}
