/** The plain `sslOptions` that users of the stock driver write, their purpose, and the profiles for the same purpose. */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const { mutual, verifyServer } = require('../../packages/tls-profiles/dist/index.js')

const verifiesServer = { chain: true, name: true, clientCertificate: false }
const bothWays = { ...verifiesServer, clientCertificate: true }
const plain = (name, traits, create) => ({ kind: 'tls', name, traits, create })
const profile = (name, traits, create, load, expect, loadStore) => ({
  ...plain(`@x/tls-profiles: ${name}`, traits, create),
  load,
  loadStore,
  expectName: (scenario, hostname) => expect(scenario, hostname),
  expectUri: (scenario, uri) => expect(scenario, { uri }),
  reload: (options) => options.reload(),
  close: (options) => options.close(),
})

export const subjects = [
  plain('ca', verifiesServer, ({ ca }) => ({ ca: [ca] })),
  plain('ca, rejectUnauthorized', verifiesServer, ({ ca }) => ({ ca: [ca], rejectUnauthorized: true })),
  profile(
    'verifyServer',
    verifiesServer,
    ({ ca }) => verifyServer({ ca }),
    ({ ca }) => verifyServer({ ca }),
    ({ ca }, hostname) => verifyServer({ ca, hostname }),
  ),
  plain('ca, cert, key', bothWays, ({ ca, clientCertificate }) => ({ ca: [ca], ...clientCertificate })),
  plain('ca, cert, key, rejectUnauthorized', bothWays, ({ ca, clientCertificate }) => ({
    ca: [ca],
    ...clientCertificate,
    rejectUnauthorized: true,
  })),
  profile(
    'mutual',
    bothWays,
    ({ ca, clientCertificate }) => mutual({ ca, ...clientCertificate }),
    mutual,
    ({ ca, clientCertificate }, hostname) => mutual({ ca, ...clientCertificate, hostname }),
    mutual,
  ),
]
