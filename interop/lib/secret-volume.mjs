/** Files like in a mounted secret of Kubernetes: all are renewed at once, with a swap of one symbolic link. */
import { mkdtempSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/**
 * A folder whose entries are links: `tls.crt` → `..data/tls.crt`, and `..data` → `..2024_…`, a folder with one state of
 * all files. The kubelet writes the next state to another folder and renames a new link to `..data`.
 */
export class SecretVolume {
  /** @param {string} folder an existing one @param {Record<string, string>} files by name */
  constructor(folder, files) {
    this.folder = folder
    this.update(files)
    for (const name of Object.keys(files)) symlinkSync(join('..data', name), this.path(name))
  }

  /** @param {string} name */
  path(name) {
    return join(this.folder, name)
  }

  /** Replaces all files at once. @param {Record<string, string>} files */
  update(files) {
    const state = mkdtempSync(join(this.folder, '..state-'))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(state, name), text, { mode: 0o600 })
    const before = this.#state()
    const next = join(this.folder, '..data_tmp')
    symlinkSync(basename(state), next)
    renameSync(next, join(this.folder, '..data'))
    if (before) rmSync(join(this.folder, before), { recursive: true })
  }

  #state() {
    try {
      return readlinkSync(join(this.folder, '..data'))
    } catch {
      return undefined
    }
  }
}
