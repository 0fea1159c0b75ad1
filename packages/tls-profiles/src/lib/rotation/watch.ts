import { type FSWatcher, promises, realpathSync, statSync, watch } from 'node:fs'
import { dirname } from 'node:path'

/** Identity and state of each file: shows a change without reading the files. */
export type Signature = string

/**
 * Watches the folders of files, not the files: an atomic rename gives a file a new inode, and Kubernetes swaps the
 * symbolic link `..data` next to it. If the file is a link, the folder that it leads to is watched too. `fs.watch` does
 * not see every change (network file systems, a link higher up, too many watchers); the caller finds those by polling.
 * Nothing here keeps the process alive.
 */
export class FolderWatch {
  readonly #files: readonly string[]
  readonly #onEvent: () => void
  #watchers: FSWatcher[] = []

  constructor(files: readonly string[], onEvent: () => void) {
    this.#files = files
    this.#onEvent = onEvent
    this.rearm()
  }

  /** Watches the folders that the paths lead to at this moment. */
  rearm(): void {
    this.close()
    const folders = new Set(this.#files.flatMap((file) => [dirname(file), ...targetFolder(file)]))
    this.#watchers = [...folders].flatMap((folder) => watchFolder(folder, this.#onEvent))
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close()
    this.#watchers = []
  }
}

function targetFolder(file: string): string[] {
  try {
    return [dirname(realpathSync(file))]
  } catch {
    return [] // missing for a moment
  }
}

function watchFolder(folder: string, onEvent: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent)
    // The folder was removed, or the watch was lost. Polling goes on and sets up the watch again.
    watcher.on('error', () => watcher.close())
    return [watcher]
  } catch {
    return []
  }
}

interface Stats {
  readonly dev: bigint
  readonly ino: bigint
  readonly size: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
}

/** The signature of all files now; a missing file has one too. */
export async function signatureOf(files: readonly string[]): Promise<Signature> {
  return (
    await Promise.all(files.map((file) => promises.stat(file, { bigint: true }).then(print, missing)))
  ).join()
}

/** The same, synchronously, for a profile that is being made. If a file has no state, the read that follows says why. */
export function signatureOfSync(files: readonly string[]): Signature {
  return files
    .map((file) => {
      try {
        return print(statSync(file, { bigint: true }))
      } catch {
        return missing()
      }
    })
    .join()
}

/**
 * It includes `ctime`, because tools that keep times (rsync, cp -p, tar) set the other times, but nothing can set this
 * one.
 */
function print({ dev, ino, size, mtimeNs, ctimeNs }: Stats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`
}

function missing(): string {
  return 'missing'
}
