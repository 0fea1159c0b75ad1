/** The places of the secrets of our clients, one for each client. */
import { join } from 'node:path'
import { startAuthorizationServer } from '../../lib/authorization-server.mjs'
import { startKeyValueStore } from '../../lib/key-value-store.mjs'
import { SecretVolume } from '../../lib/secret-volume.mjs'
import { startSecretsManager } from '../../lib/secrets-manager.mjs'
import { publish } from './material.mjs'

/** @typedef {{ username: string, password: string }} Login */
/** @typedef {import('../client/users.mjs').PasswordUser} PasswordUser */

/** Longer than a run, even if the clock jumps. */
const tokenSeconds = 86_400

export class Secrets {
  /**
   * @param {string} folder @param {Awaited<ReturnType<typeof startKeyValueStore>>} store
   * @param {Awaited<ReturnType<typeof startSecretsManager>>} manager @param {Awaited<ReturnType<typeof startAuthorizationServer>>} tokens
   * @param {SecretVolume} volume @param {(password: string) => Promise<void>} tellFunction
   */
  constructor(folder, store, manager, tokens, volume, tellFunction) {
    this.folder = folder
    this.store = store
    this.manager = manager
    this.tokens = tokens
    /** @type {Record<PasswordUser, (login: Login) => unknown>} */
    this.places = {
      file: (login) => publish(this.file, JSON.stringify(login)),
      folder: (login) => volume.update({ ...login }),
      store: (login) => store.put(login),
      manager: (login) => manager.put(login),
      function: ({ password }) => tellFunction(password),
    }
  }

  /**
   * @param {import('../lib/undo.mjs').Undo} undo @param {string} folder
   * @param {{ tellFunction: (password: string) => Promise<void>, users: { make: () => Promise<Login>, drop: (login: Login) => Promise<void> } }} calls
   */
  static async make(undo, folder, { tellFunction, users }) {
    const store = await startKeyValueStore('store', users)
    undo.add(() => store.close())
    const manager = await startSecretsManager('cassandra')
    undo.add(() => manager.close())
    const tokens = await startAuthorizationServer()
    undo.add(() => tokens.stop())
    await tokens.set({ ttl: tokenSeconds })
    const volume = new SecretVolume(folder, { username: '', password: '' })
    return new Secrets(folder, store, manager, tokens, volume, tellFunction)
  }

  get file() {
    return join(this.folder, 'login.json')
  }
}
