/**
 * The CA and the certificates of a real Cassandra 5.0 and of its clients change while queries run. No query fails, and the
 * old certificates are refused.
 */
import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { channel } from 'node:diagnostics_channel'
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import tls from 'node:tls'
import { mutual } from '@x/tls-profiles'
import cassandra from 'cassandra-driver'
import { startCassandra } from '../cassandra/index.mjs'
import {
  clientStore,
  clientTrust,
  createAuthority,
  emptyRevocationList,
  makeSlowStore,
  nodeNames,
} from '../lib/certificates.mjs'
import { createClient, openConnections, withClient } from '../lib/clients.mjs'
import { Load } from '../lib/load.mjs'
import { temporaryFolder } from '../lib/paths.mjs'
import { startRelay } from '../lib/relay.mjs'
import { SecretVolume } from '../lib/secret-volume.mjs'
import { stage } from '../lib/stage.mjs'
import { outcome } from '../lib/tls-outcome.mjs'
import { until } from '../lib/until.mjs'

/** @typedef {import('../lib/certificates.mjs').Authority} Authority */
/** @typedef {import('../lib/certificates.mjs').Pair} Pair */

const folder = temporaryFolder('tls')
const keystore = join(folder, 'node.pem')
const truststore = join(folder, 'node-trusts.pem')
const poolSize = 3
const names = { ca: 'ca.crt', cert: 'tls.crt', key: 'tls.key' }

describe('a CA is replaced by another', () => {
  /** @type {import('../cassandra/index.mjs').CassandraNode} */
  let node
  /** @type {Record<'old' | 'new', { authority: Authority, node: Pair, client: Pair }>} */
  let material
  /** @type {SecretVolume} */
  let secrets
  /** The profile follows the files. Every client here uses it. @type {import('@x/tls-profiles').TlsProfile} */
  let profile
  /** A copy of the profile from before the change. @type {import('node:tls').ConnectionOptions} */
  let copy
  /** Its connections use the relay, so that they can be cut. @type {cassandra.Client} */
  let client
  /** @type {Awaited<ReturnType<typeof startRelay>>} */
  let relay
  /** @type {Load} */
  let queries
  /** @type {Connects} */
  let connects

  before(async () => {
    material = { old: await issue('The old CA'), new: await issue('The new CA') }
    const { old } = material
    publish(keystore, keystoreOf(old))
    publish(truststore, old.authority.certificate)
    node = await startCassandra({
      version: '5.0',
      authenticator: 'AllowAllAuthenticator',
      jmx: true,
      tls: {
        ssl_context_factory: { class_name: 'org.apache.cassandra.security.PEMBasedSslContextFactory' },
        keystore,
        truststore,
        require_client_auth: true,
      },
    })
    secrets = new SecretVolume(mkdtempSync(join(folder, 'secret-')), clientFiles([old], old))
    profile = mutual(paths())
    copy = { ...profile }
    relay = await startRelay(node)
    client = createClient(relay, {
      sslOptions: profile,
      pooling: { coreConnectionsPerHost: { 0: poolSize }, warmup: true },
      policies: { reconnection: new cassandra.policies.reconnection.ConstantReconnectionPolicy(100) },
    })
    await client.connect()
    queries = new Load(client)
    connects = new Connects(node, profile)
  })
  after(async () => {
    queries?.stop()
    await connects?.stop()
    await client?.shutdown()
    await relay?.close()
    profile?.close()
    await node?.stop()
  })

  describe('while queries run and clients connect', () => {
    step('both sides trust both CAs', async () => {
      const { old, new: fresh } = material
      await present(truststore, old.authority.certificate + fresh.authority.certificate)
      await rotate([old, fresh], old)
    })

    step('node and client get certificates of the new CA', async () => {
      const { old, new: fresh } = material
      await present(keystore, keystoreOf(fresh))
      await rotate([old, fresh], fresh)
    })

    step('both sides drop the old CA', async () => {
      const { new: fresh } = material
      await present(truststore, fresh.authority.certificate)
      await rotate([fresh], fresh)
    })

    test('no query failed, no connect failed', async () => {
      queries.stop()
      await connects.stop()
      assert.deepEqual(queries.failed, [])
      assert.deepEqual(connects.failed, [])
      await stage(`${queries.succeeded} queries, ${connects.succeeded} connects`, () => undefined)
    })
  })

  describe('afterwards', () => {
    test('status() says so', () => {
      const { state, rotations, failure, certificates } = profile.status()
      assert.deepEqual({ state, rotations, failure }, { state: 'current', rotations: 3, failure: undefined })
      assert.deepEqual(
        certificates.map(({ role, certificate }) => `${role}: ${certificate.issuer}`),
        ['client: CN=The new CA', 'ca: CN=The new CA'],
      )
    })

    test('the node shows its new certificate, and accepts the new one of the client', async () => {
      assert.equal(await issuerShown(profile), 'The new CA')
      assert.equal(await outcome(node, { sslOptions: profile }), 'connects')
    })

    test('a client from before the change: its next connections use the new material', async () => {
      // The oldest stays: if the driver loses all connections, including the control connection, it continues to
      // connect after shutdown().
      const wanted = relay.accepted + relay.cut({ keep: 1 })
      await until(() => relay.accepted >= wanted && openConnections(client) === poolSize)
    })

    // Both sides would refuse. With TLS 1.2 the node refuses first.
    test('a spread copy kept the old material: the node refuses it', async () => {
      assert.equal(await outcome(node, { sslOptions: copy }), 'CLIENT_CERTIFICATE_REFUSED')
    })

    test('a client that trusts the old CA refuses the node', async () => {
      const { old, new: fresh } = material
      assert.equal(await connectWith([old], fresh), 'UNKNOWN_CA')
    })

    test('the node refuses a certificate of the old CA', async () => {
      const { old, new: fresh } = material
      assert.equal(await connectWith([fresh], old), 'CLIENT_CERTIFICATE_REFUSED')
    })

    test('files that do not match are not used, and status() says that the material is stale', async () => {
      const { old, new: fresh } = material
      const kept = nextRotation('kept')
      secrets.update({ ...clientFiles([fresh], fresh), [names.key]: old.client.key })
      const { error } = await kept
      assert.equal(error?.code, 'KEY_MISMATCH')
      assert.equal(profile.status().state, 'stale')
      assert.equal(await outcome(node, { sslOptions: profile }), 'connects')
    })

    test('the next good files are used', async () => {
      const { new: fresh } = material
      const renewed = { ...fresh, client: await issueClient(fresh.authority) }
      await rotate([fresh], renewed)
      assert.equal(profile.status().state, 'current')
      assert.equal(await outcome(node, { sslOptions: profile }), 'connects')
    })

    test('a node that restarts with its old certificate is refused', async () => {
      await present(keystore, keystoreOf(material.old))
      assert.equal(await outcome(node, { sslOptions: profile }), 'UNKNOWN_CA')
    })
  })

  /**
   * Takes a step of the change, and then waits for some traffic.
   *
   * @param {string} name
   * @param {() => Promise<void>} change
   */
  function step(name, change) {
    test(name, async () => {
      await change()
      await connects.more(5)
    })
  }

  /** Changes a file of the node for new connections. @param {string} file @param {string} pem */
  async function present(file, pem) {
    publish(file, pem)
    await node.nodetool('reloadssl')
  }

  /**
   * Replaces the client's files in one swap. Resolves when the profile has loaded them.
   * @param {{ authority: Authority }[]} trusted
   * @param {{ client: Pair }} own
   */
  async function rotate(trusted, own) {
    const rotated = nextRotation('rotated')
    secrets.update(clientFiles(trusted, own))
    await rotated
  }

  function paths() {
    return { ca: secrets.path(names.ca), cert: secrets.path(names.cert), key: secrets.path(names.key) }
  }

  /** @param {{ authority: Authority }[]} trusted @param {{ client: Pair }} own */
  function connectWith(trusted, own) {
    const [ca, cert, key] = [names.ca, names.cert, names.key].map((name) => clientFiles(trusted, own)[name])
    return outcome(node, { sslOptions: mutual({ ca: `${ca}`, cert: `${cert}`, key: `${key}` }) })
  }

  /** The issuer of the certificate that the node shows. @param {import('node:tls').ConnectionOptions} sslOptions */
  function issuerShown(sslOptions) {
    return new Promise((resolve, reject) => {
      const socket = tls.connect({ host: node.address, port: node.port, ...sslOptions }, () => {
        resolve(socket.getPeerCertificate().issuer.CN)
        socket.destroy()
      })
      socket.once('error', reject)
    })
  }
})

describe('each kind of material is renewed while queries run', () => {
  const passwords = { old: 'theOldPassword', new: 'theNewPassword' }
  /**
   * The files of a client, and the options that name them. `renewed`: `passphrase` changes too.
   * @type {Record<string, { write: (at: string, pair: Pair, password: string) => void, renewed?: true,
   *   give: (at: string) => { ca?: import('@x/tls-profiles').CaInput, crl?: string, cert: string, key: string, passphrase?: string } | { pfx: string, passphrase: import('@x/tls-profiles').PassphraseInput } | { jks: string, passphrase: string } }>}
   */
  const kinds = {
    PEM: {
      write: writePair,
      give: (at) => ({ cert: join(at, 'tls.crt'), key: join(at, 'tls.key') }),
    },
    'PEM, encrypted': {
      write(at, { certificate, key }, passphrase) {
        publish(join(at, 'tls.crt'), certificate)
        const encrypted = createPrivateKey(key).export({
          type: 'pkcs8',
          format: 'pem',
          cipher: 'aes-256-cbc',
          passphrase,
        })
        publish(join(at, 'tls.key'), encrypted)
      },
      give: (at) => ({ cert: join(at, 'tls.crt'), key: join(at, 'tls.key'), passphrase: passwords.old }),
    },
    'PKCS #12': {
      write: (at, pair, password) => publish(join(at, 'user.p12'), clientStore('PKCS12', password, pair)),
      give: (at) => ({ pfx: join(at, 'user.p12'), passphrase: passwords.old }),
    },
    JKS: {
      write: (at, pair, password) => publish(join(at, 'user.jks'), clientStore('JKS', password, pair)),
      give: (at) => ({ jks: join(at, 'user.jks'), passphrase: passwords.old }),
    },
    DER: {
      write(at, { certificate, key }) {
        publish(join(at, 'tls.crt'), new X509Certificate(certificate).raw)
        publish(join(at, 'tls.key'), createPrivateKey(key).export({ type: 'pkcs8', format: 'der' }))
      },
      give: (at) => ({ cert: join(at, 'tls.crt'), key: join(at, 'tls.key') }),
    },
    'one file that also has other keys': {
      write: (at, { certificate, key }) =>
        publish(join(at, 'all.pem'), others.key + key + others.certificate + certificate),
      give: (at) => ({ cert: join(at, 'all.pem'), key: join(at, 'all.pem') }),
    },
    'PKCS #12 of 600 000 iterations': {
      write(at, pair, password) {
        makeSlowStore(join(at, 'new.p12'), password, pair, 600_000)
        renameSync(join(at, 'new.p12'), join(at, 'user.p12'))
      },
      give: (at) => ({ pfx: join(at, 'user.p12'), passphrase: passwords.old }),
    },
    'a trust store in PKCS #12': trusting('PKCS12'),
    'a trust store in JKS': trusting('JKS'),
    'a revocation list': {
      write(at, pair) {
        writePair(at, pair)
        publish(join(at, 'ca.crl'), emptyRevocationList(authority, at))
      },
      give: (at) => ({ cert: join(at, 'tls.crt'), key: join(at, 'tls.key'), crl: join(at, 'ca.crl') }),
    },
    'PKCS #12 with a password that is renewed too': {
      renewed: true,
      write(at, pair, password) {
        publish(join(at, 'user.p12'), clientStore('PKCS12', password, pair))
        publish(join(at, 'user.password'), password)
      },
      give: (at) => ({ pfx: join(at, 'user.p12'), passphrase: { path: join(at, 'user.password') } }),
    },
  }
  /** @type {import('../cassandra/index.mjs').CassandraNode} */
  let node
  /** @type {Authority} */
  let authority
  /** It expired long ago. @type {Pair} */
  let others
  /** @type {Record<string, { at: string, profile: import('@x/tls-profiles').TlsProfile, client: cassandra.Client, queries: Load }>} */
  const running = {}

  before(async () => {
    const material = await issue('The CA of all kinds')
    authority = material.authority
    others = await authority.issue({ commonName: 'other', purpose: 'client', days: -1 })
    const [store, trusted] = [join(folder, 'kinds-node.pem'), join(folder, 'kinds-trusted.pem')]
    publish(store, keystoreOf(material))
    publish(trusted, authority.certificate)
    node = await startCassandra({
      version: '5.0',
      authenticator: 'AllowAllAuthenticator',
      tls: {
        ssl_context_factory: { class_name: 'org.apache.cassandra.security.PEMBasedSslContextFactory' },
        keystore: store,
        truststore: trusted,
        require_client_auth: true,
      },
    })
    for (const [kind, { write, give }] of Object.entries(kinds)) {
      const at = mkdtempSync(join(folder, 'kind-'))
      write(at, await issueClient(authority), passwords.old)
      const profile = mutual({ ca: authority.certificate, ...give(at) })
      const client = createClient(node, { sslOptions: profile })
      await client.connect()
      running[kind] = { at, profile, client, queries: new Load(client) }
    }
  })
  after(async () => {
    for (const { queries, client, profile } of Object.values(running)) {
      queries.stop()
      await client.shutdown()
      profile.close()
    }
    await node?.stop()
  })

  for (const [kind, { write, renewed }] of Object.entries(kinds)) {
    test(kind, async () => {
      const { at, profile, queries } = running[kind] ?? assert.fail('it was not started')
      const [pair, before] = [await issueClient(authority), await certificateSent(profile)]
      const rotated = nextRotation('rotated')
      write(at, pair, renewed ? passwords.new : passwords.old)
      await rotated
      const wanted = new X509Certificate(pair.certificate).fingerprint256
      assert.notEqual(before, wanted)
      assert.equal(await certificateSent(profile), wanted)
      assert.equal(await outcome(node, { sslOptions: profile }), 'connects')
      const sofar = queries.succeeded
      await until(() => queries.succeeded > sofar)
      assert.equal(profile.status().state, 'current')
    })
  }

  test('no query failed', async () => {
    for (const [kind, { queries }] of Object.entries(running)) assert.deepEqual(queries.failed, [], kind)
    const all = Object.values(running).reduce((sum, { queries }) => sum + queries.succeeded, 0)
    await stage(`${all} queries, ${Object.keys(running).length} kinds of material`, () => undefined)
  })

  /** @param {'PKCS12' | 'JKS'} format */
  function trusting(format) {
    const passphrase = passwords.old
    return {
      /** @type {(at: string, pair: Pair) => void} */
      write(at, pair) {
        writePair(at, pair)
        publish(join(at, 'trust'), clientTrust(format, passphrase, authority.certificate))
      },
      /** @param {string} at */
      give(at) {
        const file = join(at, 'trust')
        const ca = format === 'JKS' ? { jks: file, passphrase } : { pfx: file, passphrase }
        return { ca, cert: join(at, 'tls.crt'), key: join(at, 'tls.key') }
      },
    }
  }

  /** Of the client, on a new connection that the node accepts. @param {import('node:tls').ConnectionOptions} sslOptions */
  function certificateSent(sslOptions) {
    return new Promise((resolve, reject) => {
      const socket = tls.connect({ host: node.address, port: node.port, ...sslOptions }, () => {
        const own = /** @type {import('node:tls').PeerCertificate} */ (socket.getCertificate())
        resolve(own.fingerprint256)
        socket.destroy()
      })
      socket.once('error', reject)
    })
  }
})

/** Runs new clients one after another: connect, one query, shutdown. */
class Connects {
  succeeded = 0
  /** @type {string[]} */
  failed = []
  #running = true
  #done
  /** @type {(() => void) | undefined} */
  #onConnect

  /** @param {import('../lib/tls-outcome.mjs').Server} server @param {import('node:tls').ConnectionOptions} sslOptions */
  constructor(server, sslOptions) {
    this.#done = this.#run(server, sslOptions)
  }

  /** Resolves after this number of further connects. @param {number} count @returns {Promise<void>} */
  more(count) {
    const goal = this.succeeded + this.failed.length + count
    return new Promise((resolve) => {
      this.#onConnect = () => {
        if (this.succeeded + this.failed.length >= goal) resolve()
      }
    })
  }

  stop() {
    this.#running = false
    return this.#done
  }

  /** @param {import('../lib/tls-outcome.mjs').Server} server @param {import('node:tls').ConnectionOptions} sslOptions */
  async #run(server, sslOptions) {
    while (this.#running) {
      try {
        await withClient(server, { sslOptions }, (client) => client.execute('SELECT key FROM system.local'))
        this.succeeded++
      } catch (error) {
        this.failed.push(String(error))
      }
      this.#onConnect?.()
    }
  }
}

/**
 * Resolves at the next load of changed files with this outcome.
 * @param {import('@x/tls-profiles').RotationEvent['outcome']} wanted
 * @returns {Promise<import('@x/tls-profiles').RotationEvent>}
 */
function nextRotation(wanted) {
  const ended = channel('tracing:@x/tls:rotation:asyncEnd')
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no rotation ended as '${wanted}' within 30 s`)), 30_000)
    ended.subscribe(listener)

    /** @param {unknown} message */
    function listener(message) {
      const event = /** @type {import('@x/tls-profiles').RotationEvent} */ (message)
      if (event.outcome !== wanted) return
      clearTimeout(timer)
      ended.unsubscribe(listener)
      resolve(event)
    }
  })
}

/** @param {string} name of the CA */
async function issue(name) {
  const authority = await createAuthority(name)
  const options = { commonName: 'node', names: nodeNames, purpose: /** @type {const} */ ('server') }
  return { authority, node: await authority.issue(options), client: await issueClient(authority) }
}

/** @param {Authority} authority */
function issueClient(authority) {
  return authority.issue({ commonName: 'client', purpose: 'client' })
}

/** @param {string} at @param {Pair} pair */
function writePair(at, { certificate, key }) {
  publish(join(at, 'tls.crt'), certificate)
  publish(join(at, 'tls.key'), key)
}

/** Key, certificate and CA in one file, for PEMBasedSslContextFactory. @param {{ authority: Authority, node: Pair }} material */
function keystoreOf({ authority, node: { key, certificate } }) {
  return key + certificate + authority.certificate
}

/** @param {{ authority: Authority }[]} trusted @param {{ client: Pair }} own @returns {Record<string, string>} */
function clientFiles(trusted, { client: { certificate, key } }) {
  const ca = trusted.map(({ authority }) => authority.certificate).join('')
  return { [names.ca]: ca, [names.cert]: certificate, [names.key]: key }
}

/** Writes the file with an atomic rename. @param {string} file @param {string | Buffer} text */
function publish(file, text) {
  writeFileSync(`${file}.next`, text, { mode: 0o600 })
  renameSync(`${file}.next`, file)
}
