import type { BigIntStats } from 'node:fs'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { abortable } from '../../abortable.js'
import type { Clock, Timer } from '../../clock.js'
import { authError } from '../../errors.js'

/** What was in a file, or in each file of a folder, at one moment. */
export interface Snapshot {
  readonly folder: boolean
  /** Name of the file → its bytes. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** The same as long as nothing has changed. */
  readonly stamp: string
}

interface Look {
  readonly folder: boolean
  readonly paths: readonly string[]
  readonly stamp: string
  readonly modifiedAt: number
}

export interface SettleOptions {
  /** The files of a folder that matter. Default: all. */
  readonly names: readonly string[] | undefined
  readonly clock: Clock
  /** How long a file must have been left alone. */
  readonly settleMs: number
  readonly signal: AbortSignal
}

/** Credentials are small; what is larger is some other file. */
const maxBytes = 1_048_576

const maxRounds = 20

/**
 * Reads when nobody is writing: the files must be the same before and after, and have been so for `settleMs`. A file
 * that replaces another by a rename is whole at once; one that is written in place looks whole at any moment, and only
 * the pause afterwards says that it is.
 * Errors: CREDENTIALS_NOT_CONFIGURED where there is nothing; SOURCE_FAILED.
 */
export async function readSettled(
  path: string,
  { names, clock, settleMs, signal }: SettleOptions,
): Promise<Snapshot> {
  let earlier: string | undefined
  for (let round = 0; round < maxRounds; round++) {
    const before = await look(path, names)
    const files = await readAll(before)
    const { stamp } = await look(path, names)
    const settled = before.stamp === earlier || clock.now() - before.modifiedAt >= settleMs
    if (files && settled && stamp === before.stamp) return { folder: before.folder, files, stamp }
    earlier = stamp
    await pause(clock, settleMs, signal)
  }
  throw authError('SOURCE_FAILED', `${path} goes on changing; it was never left alone for ${settleMs} ms.`)
}

/** The stamp alone, without reading. */
export async function stampOf(path: string, names: readonly string[] | undefined): Promise<string> {
  return (await look(path, names)).stamp
}

async function look(path: string, names: readonly string[] | undefined): Promise<Look> {
  const stats = await stat(path, { bigint: true }).catch((error) => {
    throw notThere(path, error)
  })
  if (stats.isDirectory()) return lookIntoFolder(path, names)
  if (!stats.isFile()) throw authError('SOURCE_FAILED', `${path} is neither a file nor a folder.`)
  return { folder: false, paths: [path], stamp: print(path, stats), modifiedAt: Number(stats.mtimeMs) }
}

async function lookIntoFolder(path: string, names: readonly string[] | undefined): Promise<Look> {
  const folder = await currentFolder(path)
  // `..data` and the like belong to the mount, other dot files to editors.
  const visible = (await readdir(folder)).filter((name) => !name.startsWith('.'))
  const paths = visible.filter((name) => names?.includes(name) ?? true).map((name) => join(folder, name))
  if (visible.length === 0) throw authError('CREDENTIALS_NOT_CONFIGURED', `The folder ${path} is empty.`)
  const seen = await Promise.all(paths.map(async (file) => [file, await statOf(file)] as const))
  const files = seen.filter((entry): entry is [string, BigIntStats] => entry[1]?.isFile() ?? false).sort()
  return {
    folder: true,
    paths: files.map(([file]) => file),
    stamp: [folder, ...files.map(([file, stats]) => print(file, stats))].join('|'),
    modifiedAt: Math.max(0, ...files.map(([, stats]) => Number(stats.mtimeMs))),
  }
}

/**
 * Kubernetes mounts a secret as links through `..data`, itself a link that is swapped for the folder of the next
 * version. Resolved once, all files are of one version.
 */
async function currentFolder(path: string): Promise<string> {
  return realpath(join(path, '..data')).catch(() => realpath(path))
}

/** Undefined where a file has gone meanwhile: then the next look sees another stamp. */
async function readAll({ paths }: Look): Promise<ReadonlyMap<string, Uint8Array> | undefined> {
  const files = new Map<string, Uint8Array>()
  for (const path of paths) {
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (!bytes) return undefined
    if (bytes.length > maxBytes) throw authError('SOURCE_FAILED', `${path} is too large to be credentials.`)
    files.set(basename(path), bytes)
  }
  return files
}

function statOf(path: string): Promise<BigIntStats | undefined> {
  return stat(path, { bigint: true }).catch(() => undefined)
}

/** Device and inode change with a rename, the times with a write in place, however short. */
function print(path: string, { dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [path, dev, ino, size, mtimeNs, ctimeNs].join(':')
}

function notThere(path: string, error: NodeJS.ErrnoException): unknown {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') return error
  return authError('CREDENTIALS_NOT_CONFIGURED', `There is no file or folder ${path}.`)
}

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  let timer: Timer | undefined
  const over = new Promise<void>((resolve) => {
    timer = clock.schedule(ms, resolve)
    timer.unref()
  })
  await abortable(over, signal).finally(() => timer?.cancel())
}
