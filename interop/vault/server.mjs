/** A real Vault or OpenBao in development mode, on loopback, in memory, over TLS. */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { temporaryFolder } from '../lib/paths.mjs'
import { freePorts } from '../lib/ports.mjs'
import { endOwnedWithChildren, spawnOwned } from '../lib/processes.mjs'
import { stage } from '../lib/stage.mjs'

const bootTimeoutMs = 60_000

/** The options of an operator's call. @typedef {{ token?: string, wrapTtl?: string }} CallOptions */

/** Returns the binary that VAULT names. @returns {string} */
export function vaultBinary() {
  const { VAULT } = process.env
  if (!VAULT) {
    throw new Error(
      'VAULT names no binary. Run it as VAULT=/path/to/vault (or bao) node interop/run.mjs vault; nothing is downloaded.',
    )
  }
  const { status, error, stderr } = spawnSync(VAULT, ['version'], { encoding: 'utf8', timeout: 60_000 })
  if (status !== 0) throw new Error(`VAULT=${VAULT} does not run: ${error?.message ?? stderr}`)
  return VAULT
}

/** Boots Vault. The folder in VAULT_PLUGINS, if it is set, has plugins that the binary lacks. */
export async function startVault() {
  const binary = vaultBinary()
  const [port] = await freePorts(1)
  const folder = temporaryFolder('vault')
  const rootToken = `root-${randomBytes(12).toString('hex')}`
  const { VAULT_PLUGINS } = process.env
  const args = [
    'server',
    '-dev',
    '-dev-tls',
    `-dev-tls-cert-dir=${folder}`,
    `-dev-listen-address=127.0.0.1:${port}`,
    '-dev-no-store-token',
    ...(VAULT_PLUGINS ? [`-dev-plugin-dir=${VAULT_PLUGINS}`] : []),
  ]
  return stage('booting Vault', async () => {
    const child = spawnOwned(binary, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        VAULT_DEV_ROOT_TOKEN_ID: rootToken,
        BAO_DEV_ROOT_TOKEN_ID: rootToken,
      },
    })
    let log = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        log = `${log}${text}`.slice(-40_000)
      })
    }
    const vault = new Vault(
      `https://127.0.0.1:${port}`,
      folder,
      rootToken,
      () => log,
      () => endOwnedWithChildren(child),
    )
    await vault.ready(() => child.exitCode === null)
    return vault
  })
}

/** The actions of an operator, over HTTP and without the code under test. */
class Vault {
  #rootToken
  #log
  #stop
  #folder

  /**
   * @param {string} address @param {string} folder of its certificates
   * @param {string} rootToken @param {() => string} log @param {() => Promise<void>} stop
   */
  constructor(address, folder, rootToken, log, stop) {
    this.address = address
    this.#folder = folder
    this.#rootToken = rootToken
    this.#log = log
    this.#stop = stop
  }

  /** The CA of its certificate, in PEM. */
  get ca() {
    const [name] = ['vault-ca.pem', 'bao-ca.pem'].filter((each) => this.#reads(each))
    return readFileSync(join(this.#folder, name ?? 'vault-ca.pem'), 'utf8')
  }

  get rootToken() {
    return this.#rootToken
  }

  stop() {
    return this.#stop()
  }

  /**
   * @param {string} method @param {string} path below /v1/ @param {object} [body] @param {CallOptions} [options]
   * @returns {Promise<any>} the answer
   */
  async call(method, path, body, options = {}) {
    const { status, json } = await this.#send(method, path, body, options)
    if (status >= 400) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(json)}`)
    return json
  }

  /** Seals it; `unseal` opens it again. */
  seal() {
    return this.call('PUT', 'sys/seal')
  }

  async unseal() {
    const [, key] = /Unseal Key: (\S+)/.exec(this.#log()) ?? []
    await this.call('PUT', 'sys/unseal', { key })
  }

  /** @param {() => boolean} alive */
  async ready(alive) {
    for (const until = performance.now() + bootTimeoutMs; performance.now() < until; ) {
      if (!alive()) break
      const { status } = await this.#send('GET', 'sys/health', undefined, {}).catch(() => ({ status: 0 }))
      if (status === 200 && this.#log().includes('Unseal Key:')) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`Vault does not answer:\n${this.#log().slice(-4_000)}`)
  }

  /** @param {string} name */
  #reads(name) {
    try {
      return readFileSync(join(this.#folder, name), 'utf8') !== ''
    } catch {
      return false
    }
  }

  /**
   * @param {string} method @param {string} path @param {object | undefined} body @param {CallOptions} options
   * @returns {Promise<{ status: number, json: any }>}
   */
  #send(method, path, body, { token = this.#rootToken, wrapTtl }) {
    const headers = { 'x-vault-token': token, ...(wrapTtl && { 'x-vault-wrap-ttl': wrapTtl }) }
    return new Promise((resolve, reject) => {
      const sent = request(
        `${this.address}/v1/${path}`,
        { method, headers, ca: this.ca, agent: false, timeout: 60_000 },
        (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (chunk) => {
            text += chunk
          })
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, json: text === '' ? {} : JSON.parse(text) }),
          )
        },
      )
      sent.on('error', reject)
      sent.end(body && JSON.stringify(body))
    })
  }
}
