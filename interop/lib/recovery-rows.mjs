/**
 * The rows of "How long until a change is used" in docs/credentials.md. `changes`: the kinds of the soak that a row measures (interop/soak/changes);
 * `journeys`: the migrations (examples/migration/journeys). A kind or a migration without a row is an error that names it.
 */
import { readdirSync } from 'node:fs'

/** @typedef {{ changes?: readonly string[], journeys?: readonly string[] }} Row */

export const rows = {
  'a password in a file, `fromFile`': {},
  'a password in a file, `cached(fromFile)`': { changes: ['password-in-file'] },
  // Each row of a password has a source that is wrong and then right.
  'a password in a mounted secret, `cached(fromFile)`': {
    changes: ['password-in-folder', 'source-wrong-then-right'],
  },
  'a password in the environment, `fromEnv`': {},
  'a password by a function, `cached`': { changes: ['password-by-function'] },
  'a password by a function, `cached`, without TLS': {},
  "a password in Vault's key-value engine, `vaultKv`": { changes: ['password-in-store'] },
  'a password in AWS Secrets Manager, `cached(fromSecretsManager)`': {
    changes: ['password-in-secrets-manager'],
  },
  'another role, `cached(fromFile)`': { changes: ['role-renamed'], journeys: ['role-renamed'] },
  'a user of Vault whose lease was revoked, `vaultDatabase`': { changes: ['lease-revoked'] },
  'a user of Vault that was dropped without Vault, `vaultDatabase`': {},
  'a user of Vault whose lease has ended, `vaultDatabase`': { changes: ['lease-ended'] },
  'a token in a file, `cached(tokenFile)`': {},
  'a token whose key was withdrawn, `cached(clientCredentials)`': { changes: ['token-keys'] },
  'the certificate of a client, `mutual({ cert, key })`': {
    changes: ['client-certificate'],
    journeys: ['client-ca-roll-over'],
  },
  'the certificate of a client, its files rewritten in place': { changes: ['certificate-rewritten'] },
  'the CA that clients trust, `mutual({ ca })`': { changes: ['ca-roll-over'], journeys: ['ca-roll-over'] },
  'the old way closed, and then `reopenOldWay()`': { changes: ['old-way-closed'] },
  'the mechanism of a node, SCRAM-SHA-256 → SCRAM-SHA-512': { changes: ['mechanism'] },
  'the key of a node, RSA → ECDSA': { changes: ['node-key'], journeys: ['rsa-to-ecdsa'] },
  'the authenticator of a node, AllowAll → Password': {
    changes: ['nobody-asked'],
    journeys: ['allow-all-to-password'],
  },
  'the authenticator of a node, Password → SCRAM': {
    changes: ['authenticator'],
    journeys: ['password-to-scram'],
  },
  'the authenticator of a node, → certificates with passwords as fallback': {
    changes: ['certificate-identities'],
    journeys: ['password-to-certificates'],
  },
  'the authenticator of a node, → certificates only': {
    changes: ['certificate-identities'],
    journeys: ['password-to-certificates'],
  },
  'a node without TLS → `optional: true`': { changes: ['tls-optional'], journeys: ['plain-to-tls'] },
  'a node with `optional: true` → `optional: false`': {
    changes: ['tls-required'],
    journeys: ['plain-to-tls'],
  },
  'the TLS version of a node, 1.2 → 1.3': { changes: ['tls-version'], journeys: ['tls-1.2-to-1.3'] },
}

/**
 * Returns every kind and migration that `table` does not measure, and every name in it that does not exist.
 *
 * @param {Readonly<Record<string, Row>>} table
 */
export function gaps(table = rows) {
  return /** @type {const} */ (['changes', 'journeys']).flatMap((what) => {
    const existing = names[what]()
    const measured = Object.values(table).flatMap((row) => row[what] ?? [])
    return [
      ...existing
        .filter((name) => !measured.includes(name))
        .map((name) => `no row of the recovery times measures ${folders[what]}/${name}.mjs`),
      ...measured
        .filter((name) => !existing.includes(name))
        .map((name) => `the recovery times name ${folders[what]}/${name}.mjs, which does not exist`),
    ]
  })
}

const folders = { changes: 'interop/soak/changes', journeys: 'examples/migration/journeys' }
const names = {
  changes: () => filesOf('changes'),
  journeys: () => filesOf('journeys').filter((name) => !['index', 'states'].includes(name)),
}

/** @param {keyof typeof folders} what */
function filesOf(what) {
  const files = readdirSync(new URL(`../../${folders[what]}`, import.meta.url))
  return files.map((file) => file.replace(/\.mjs$/, '')).sort()
}
