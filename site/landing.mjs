/** The first page: what it is, and the answer in three lines for each service. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../scripts/lib.mjs'

/** The table of the services in docs/which-package.md, as sections with code. */
export function landingPage() {
  const page = readFileSync(join(root, 'docs', 'which-package.md'), 'utf8')
  const [, table] = /## By managed service\n\n([\s\S]*?)\n\n/.exec(page)
  return [
    '---',
    'layout: home',
    'hero:',
    '  name: "@x/auth"',
    '  text: Logins and TLS for the Node.js driver of Apache Cassandra',
    '  tagline: The stock driver as it is. Every login ends, TLS verifies, and a failure says what to do.',
    '  actions:',
    '    - { theme: brand, text: Which package do I need, link: /docs/which-package }',
    '    - { theme: alt, text: Documents, link: /docs/ }',
    'features:',
    '  - { title: Passwords, details: From a value, a file, the environment, Vault or AWS. Rotation without a restart., link: /packages/auth-plaintext/ }',
    '  - { title: SASL, details: "SCRAM, Kerberos, DIGEST-MD5, OAUTHBEARER and mechanisms of your own.", link: /packages/auth-sasl/ }',
    '  - { title: Amazon Keyspaces, details: SigV4 with any AWS credentials., link: /packages/auth-sigv4/ }',
    '  - { title: TLS, details: Profiles that verify by default and explain themselves., link: /packages/tls-profiles/ }',
    '  - { title: The doctor, details: One command that says what is wrong, and prints the options., link: /packages/auth-doctor/ }',
    '  - { title: Errors, details: "Each has a code, a cause and a remedy.", link: /docs/errors }',
    '---',
    '',
    '## Your service in three lines',
    '',
    table.replace(/\]\((?!https?:)([\w./-]+\.md)/g, '](docs/$1'),
    '',
  ].join('\n')
}
