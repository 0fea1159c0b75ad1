/** The stores that Java's keytool writes: those of the JDK and, with its provider, those of BouncyCastle. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installed } from '../lib/installed.mjs'
import { mavenJars } from '../lib/maven.mjs'
import { interopRoot } from '../lib/paths.mjs'
import { requireTools } from '../lib/tools.mjs'

/** @typedef {import('./item.mjs').Item} Item */

const jdk = 'keytool of the JDK'
const bouncyCastle = 'BouncyCastle'
const password = 'changeit'

const keyKinds = {
  RSA: ['-keyalg', 'RSA', '-keysize', '2048'],
  'RSASSA-PSS': ['-keyalg', 'RSASSA-PSS', '-keysize', '2048'],
  'P-256': ['-keyalg', 'EC', '-groupname', 'secp256r1'],
  Ed25519: ['-keyalg', 'Ed25519'],
  DSA: ['-keyalg', 'DSA', '-keysize', '2048'],
}

/** With this option a short Java process does not spend half of its time on optimisation. */
const quick = ['-J-XX:TieredStopAtLevel=1', '-J-XX:+UseSerialGC']

/** @param {string[]} args */
export function keytool(args) {
  const [command = 'keytool'] = requireTools('keytool')
  execFileSync(command, [...quick, ...args], { stdio: 'pipe', timeout: 60_000 })
}

/**
 * For stores that the JDK cannot read: at the end it reads the new store, with any provider.
 * @param {string[]} args @param {string} file
 */
function keytoolUnread(args, file) {
  try {
    keytool(args)
  } catch (error) {
    if (!existsSync(file)) throw error
  }
}

/** @returns {Promise<string>} the path of BouncyCastle's jar */
export async function bouncyCastleJar() {
  const { jars } = await mavenJars({ pom: join(interopRoot, 'corpus', 'pom.xml'), name: 'corpus' })
  const jar = jars.find((path) => path.includes('bcprov'))
  if (!jar) throw new Error('Maven has brought no bcprov')
  return jar
}

/**
 * Made once: thirty Java processes take longer than everything else in the suite.
 * @returns {Promise<Item[]>}
 */
export async function keytoolItems() {
  const what = [fileURLToPath(import.meta.url), join(interopRoot, 'corpus', 'pom.xml')]
  const text = what.map((file) => readFileSync(file, 'utf8')).join()
  const folder = await installed('corpus-keytool', text, async (into) => {
    const made = await makeItems(into)
    writeFileSync(join(into, 'items.json'), JSON.stringify(made.map((item) => ({ ...item, file: '' }))))
  })
  /** @type {Item[]} */
  const items = JSON.parse(readFileSync(join(folder, 'items.json'), 'utf8'))
  return items.map((item) => ({ ...item, file: join(folder, item.name) }))
}

/** @param {string} folder @returns {Promise<Item[]>} */
async function makeItems(folder) {
  const bouncyCastleClass = 'org.bouncycastle.jce.provider.BouncyCastleProvider'
  const provider = ['-providerclass', bouncyCastleClass, '-providerpath', await bouncyCastleJar()]
  const path = (/** @type {string} */ name) => join(folder, name)
  /** @type {Item[]} */
  const items = []
  /** @type {(from: string, group: string, name: string, args: string[], more?: Partial<Item>) => void} */
  const make = (from, group, name, args, more = {}) => {
    keytool(args)
    items.push({ from, group, kind: 'store', name, file: path(name), passphrases: [password], ...more })
  }
  /** @type {(type: string, name: string) => string[]} */
  const store = (type, name) => ['-keystore', path(name), '-storetype', type, '-storepass', password]
  /** @type {(type: string, name: string, more?: string[]) => string[]} */
  const copy = (type, name, more = []) => [
    ...[
      '-importkeystore',
      '-noprompt',
      '-srckeystore',
      path('P-256.p12'),
      '-srcstorepass',
      password,
      ...more,
    ],
    ...['-destkeystore', path(name), '-deststoretype', type, '-deststorepass', password],
  ]
  const pair = ['-genkeypair', '-dname', 'CN=client', '-alias', 'client', '-validity', '3650']
  for (const [kind, args] of Object.entries(keyKinds)) {
    make(jdk, `PKCS #12 with a key of ${kind}`, `${kind}.p12`, [
      ...pair,
      ...args,
      ...store('PKCS12', `${kind}.p12`),
    ])
    make(jdk, `JKS with a key of ${kind}`, `${kind}.jks`, [...pair, ...args, ...store('JKS', `${kind}.jks`)])
  }
  const old = ['-J-Dkeystore.pkcs12.legacy', ...pair, '-keyalg', 'RSA', ...store('PKCS12', 'legacy.p12')]
  make(jdk, 'PKCS #12 of Java before 8u301, RC2', 'legacy.p12', old)
  keytool(copy('PKCS12', 'secret.p12'))
  const secret = ['-genseckey', '-keyalg', 'AES', '-keysize', '256', '-alias', 'secret']
  make(jdk, 'PKCS #12 with a secret key too', 'secret.p12', [...secret, ...store('PKCS12', 'secret.p12')])
  const certificate = ['-exportcert', '-rfc', '-alias', 'client', '-file', path('client.pem')]
  make(jdk, 'certificates', 'client.pem', [...certificate, ...store('PKCS12', 'P-256.p12')], {
    kind: 'certificate',
  })
  const trusted = ['-importcert', '-noprompt', '-alias', 'ca', '-file', path('client.pem')]
  const trust = /** @type {const} */ ({ kind: 'trust store' })
  make(jdk, 'PKCS #12, trust stores', 'trusted.p12', [...trusted, ...store('PKCS12', 'trusted.p12')], trust)
  make(jdk, 'JKS, trust stores', 'trusted.jks', [...trusted, ...store('JKS', 'trusted.jks')], trust)
  make(jdk, 'JCEKS', 'client.jceks', copy('JCEKS', 'client.jceks'))
  for (const type of ['BKS', 'UBER', 'BCFKS']) {
    make(bouncyCastle, type, `client.${type}`, copy(type, `client.${type}`, provider))
  }
  // Applications also store secret keys in them; PKCS #12 of the JDK accepts one too.
  for (const type of ['JCEKS', 'BKS', 'UBER', 'BCFKS']) {
    const name = `secret.${type.toLowerCase()}`
    const from = type === 'JCEKS' ? jdk : bouncyCastle
    const by = type === 'JCEKS' ? [] : provider
    keytool(copy(type, name, by))
    make(from, `${type} with a secret key too`, name, [...secret, ...store(type, name), ...by])
  }
  for (const type of [
    'PKCS12-3DES-40RC2',
    'PKCS12-3DES-3DES',
    'PKCS12-AES256-AES128',
    'PKCS12-AES256-AES128-GCM',
    'PKCS12-PBMAC1',
  ]) {
    const name = `client.${type}`
    keytoolUnread(copy(type, name, provider), path(name))
    const group = type.replace('PKCS12', 'PKCS #12')
    items.push({ from: bouncyCastle, group, kind: 'store', name, file: path(name), passphrases: [password] })
  }
  return items
}

/**
 * Runs the command from an error about a store, and returns the new store.
 * @param {string} message @param {string} file @param {string} target
 */
export async function convertAsAdvised(message, file, target) {
  const command = /convert it: keytool (.*?(?:PKCS12|bcprov\.jar))\./.exec(message)?.[1] ?? ''
  const jar = await bouncyCastleJar()
  const args = command
    .split(' ')
    .map((arg) => ({ FILE: file, 'NEW.p12': target, 'bcprov.jar': jar })[arg] ?? arg)
  keytool([...args, '-noprompt', '-srcstorepass', password, '-deststorepass', password])
  return target
}
