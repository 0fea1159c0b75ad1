/** The places where our clients find their passwords, one for each of them. */
import { join } from 'node:path'
import { startKeyValueStore } from '../../lib/key-value-store.mjs'
import { SecretVolume } from '../../lib/secret-volume.mjs'
import { publish } from './material.mjs'

/** @typedef {{ username: string, password: string }} Login */
/** @typedef {import('../client/users.mjs').User} User */

export class Secrets {
  /**
   * @param {string} folder @param {Awaited<ReturnType<typeof startKeyValueStore>>} store
   * @param {SecretVolume} volume @param {(password: string) => Promise<void>} tellFunction
   */
  constructor(folder, store, volume, tellFunction) {
    this.folder = folder
    this.store = store
    this.volume = volume
    /** @type {Record<User, (login: Login) => unknown>} */
    this.places = {
      file: (login) => publish(this.file, JSON.stringify(login)),
      folder: (login) => volume.update({ ...login }),
      store: (login) => store.put(login),
      function: ({ password }) => tellFunction(password),
    }
  }

  /** @param {string} folder @param {Record<User, Login>} logins @param {(password: string) => Promise<void>} tellFunction */
  static async make(folder, logins, tellFunction) {
    const store = await startKeyValueStore('store')
    const volume = new SecretVolume(folder, { ...logins.folder })
    const secrets = new Secrets(folder, store, volume, tellFunction)
    secrets.places.file(logins.file)
    secrets.places.store(logins.store)
    return secrets
  }

  get file() {
    return join(this.folder, 'login.json')
  }
}
