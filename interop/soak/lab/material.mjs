/** Keys and certificates of nodes and clients, from two CAs, as files that are replaced. */
import { mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCertificateAuthority } from '@x/auth-testserver'
import { SecretVolume } from '../../lib/secret-volume.mjs'

/** @typedef {Awaited<ReturnType<typeof createCertificateAuthority>>} Authority */
/** @typedef {'ec' | 'rsa'} KeyType */

/** In the certificates of clients, for nodes that use them for logins. */
export const identities = { ours: 'spiffe://example.com/app', control: 'spiffe://example.com/control' }

export class Material {
  /** @param {string} folder @param {readonly string[]} addresses @param {readonly [Authority, Authority]} authorities */
  constructor(folder, addresses, authorities) {
    this.folder = folder
    this.addresses = addresses
    this.authorities = authorities
    /** The CA and the key type of the nodes. @type {{ authority: 0 | 1, keyType: KeyType }} */
    this.nodes = { authority: 0, keyType: 'ec' }
  }

  /** @param {string} folder @param {readonly string[]} addresses */
  static async make(folder, addresses) {
    const [first, second] = await Promise.all(
      ['The first CA', 'The second CA'].map((name) => createCertificateAuthority({ name })),
    )
    const material = new Material(folder, addresses, [
      /** @type {any} */ (first),
      /** @type {any} */ (second),
    ])
    await material.publishNodes({})
    publish(material.trusted, material.bothCas)
    mkdirSync(join(folder, 'ours'))
    material.volume = new SecretVolume(join(folder, 'ours'), {
      'ca.crt': material.ca(0),
      ...(await material.clientPair(0, 'ec')),
    })
    const control = {
      ...(await material.clientPair(0, 'ec', identities.control)),
      'ca.crt': material.bothCas,
    }
    material.control = new SecretVolume(mkdtempSync(join(folder, 'control-')), control)
    return material
  }

  /** The files of our clients, like a mounted secret of Kubernetes. @type {SecretVolume} */
  volume = /** @type {any} */ (undefined)
  /** The files of the control's clients, which do not change. @type {SecretVolume} */
  control = /** @type {any} */ (undefined)

  get keystore() {
    return join(this.folder, 'node.pem')
  }

  get trusted() {
    return join(this.folder, 'trusted.pem')
  }

  get bothCas() {
    return this.ca(0) + this.ca(1)
  }

  /** @param {0 | 1} index */
  ca(index) {
    return this.authorities[index].root.certPem
  }

  /**
   * Changes the certificates that the nodes show after their next reload.
   *
   * @param {Partial<Material['nodes']>} change
   */
  async publishNodes(change) {
    this.nodes = { ...this.nodes, ...change }
    const authority = this.authorities[this.nodes.authority]
    const { keyType } = this.nodes
    const { keyPem, certPem } = await authority.issue({ names: this.addresses, commonName: 'node', keyType })
    publish(this.keystore, keyPem + certPem + authority.root.certPem)
  }

  /**
   * @param {0 | 1} index of the CA @param {KeyType} keyType @param {string} [identity]
   * @returns {Promise<Record<'tls.crt' | 'tls.key', string>>}
   */
  async clientPair(index, keyType, identity = identities.ours) {
    const { certPem, keyPem } = await this.authorities[index].issue({
      commonName: 'app',
      uris: [identity],
      usage: 'client',
      keyType,
    })
    return { 'tls.crt': certPem, 'tls.key': keyPem }
  }
}

/** Writes another file and then renames it, like an agent. @param {string} file @param {string} text */
export function publish(file, text) {
  writeFileSync(`${file}.next`, text, { mode: 0o600 })
  renameSync(`${file}.next`, file)
}
