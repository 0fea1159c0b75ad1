import { type BigIntStats, constants } from 'node:fs'
import { open, readdir, realpath, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { abortable } from '../../abortable.js'
import type { Clock, Timer } from '../../clock.js'
import { type AuthError, authError, isAuthError } from '../../errors.js'
import { kindOf } from '../error-kind.js'
import type { SecretPath } from './secret-path.js'

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

/** Credentials are small; a larger file is another kind of file. */
const maxBytes = 1_048_576

/** No field of credentials is larger: a larger file in a folder is not a field. */
const maxFieldBytes = 65_536

/** More files than a secret has fields: another kind of folder. */
const maxFiles = 256

const maxRounds = 20

/**
 * Reads when nobody is writing: the files must not change during the read, nor for `settleMs` before it. A file that
 * replaces another by a rename is complete at once. A file that is written in place looks complete at any moment, and
 * only the pause afterwards shows that it is.
 * Errors: CREDENTIALS_NOT_CONFIGURED if there is nothing; SOURCE_FAILED.
 */
export async function readSettled(
  where: SecretPath,
  { names, clock, settleMs, signal }: SettleOptions,
): Promise<Snapshot> {
  let earlier: string | undefined
  for (let round = 0; round < maxRounds; round++) {
    const before = await look(where, names)
    const files = await readAll(before, where)
    const { stamp } = await look(where, names)
    const settled = before.stamp === earlier || clock.now() - before.modifiedAt >= settleMs
    if (files && settled && stamp === before.stamp) return { folder: before.folder, files, stamp }
    earlier = stamp
    await pause(clock, settleMs, signal)
  }
  const problem = `${where.name} changes all the time; it was never unchanged for ${settleMs} ms.`
  throw authError('SOURCE_FAILED', problem)
}

/** The stamp alone, without reading. */
export async function stampOf(where: SecretPath, names: readonly string[] | undefined): Promise<string> {
  return (await look(where, names)).stamp
}

async function look(where: SecretPath, names: readonly string[] | undefined): Promise<Look> {
  const { path, name } = where
  try {
    const stats = await stat(path, { bigint: true })
    if (stats.isDirectory()) return await lookIntoFolder(where, names)
    if (!stats.isFile()) throw authError('SOURCE_FAILED', `${name} is neither a file nor a folder.`)
    if (stats.size > maxBytes) throw tooLarge(name)
    return { folder: false, paths: [path], stamp: print(path, stats), modifiedAt: Number(stats.mtimeMs) }
  } catch (error) {
    throw fileError(error, name)
  }
}

async function lookIntoFolder(
  { path, name }: SecretPath,
  names: readonly string[] | undefined,
): Promise<Look> {
  const folder = await currentFolder(path)
  // `..data` and the like belong to the mount, other dot files to editors.
  const visible = (await readdir(folder)).filter((file) => !file.startsWith('.'))
  if (visible.length === 0) throw authError('CREDENTIALS_NOT_CONFIGURED', `The folder ${name} is empty.`)
  const wanted = visible.filter((file) => names?.includes(file) ?? true)
  if (wanted.length > maxFiles) {
    throw authError(
      'SOURCE_FAILED',
      `${name} has more than ${maxFiles} files: name the right ones in the option fields.`,
    )
  }
  const paths = wanted.map((file) => join(folder, file))
  const seen = await Promise.all(paths.map(async (file) => [file, await statOf(file)] as const))
  const files = seen.filter((entry): entry is [string, BigIntStats] => entry[1]?.isFile() ?? false).sort()
  const fields = names ? files : files.filter(([, { size }]) => size <= maxFieldBytes)
  return {
    folder: true,
    paths: fields.map(([file]) => file),
    stamp: JSON.stringify([folder, ...fields.map(([file, stats]) => print(file, stats))]),
    modifiedAt: Math.max(0, ...fields.map(([, stats]) => Number(stats.mtimeMs))),
  }
}

/**
 * Kubernetes mounts a secret as links through `..data`, itself a link that is swapped for the folder of the next
 * version. Resolved once, all files are of one version.
 */
async function currentFolder(path: string): Promise<string> {
  return realpath(join(path, '..data')).catch(() => realpath(path))
}

/** Undefined if a file has gone meanwhile: then the next look sees another stamp. */
async function readAll(
  { paths }: Look,
  { name }: SecretPath,
): Promise<ReadonlyMap<string, Uint8Array> | undefined> {
  const files = new Map<string, Uint8Array>()
  for (const path of paths) {
    const bytes = await readFile(path, name)
    if (!bytes) return undefined
    files.set(basename(path), bytes)
  }
  return files
}

/**
 * Looks at what was opened, which may be another file by now: a FIFO without a writer would hold the thread that opens it
 * forever, and a large file is refused before it is in memory.
 */
async function readFile(path: string, name: string): Promise<Uint8Array | undefined> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw fileError(error, name)
  })
  if (!file) return undefined
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw authError('SOURCE_FAILED', `${name} is neither a file nor a folder.`)
    if (stats.size > maxBytes) throw tooLarge(name)
    // A byte more, to see the end; what the kernel writes at each read has no size.
    const buffer = Buffer.alloc((stats.size || maxBytes) + 1)
    let length = 0
    for (let read = -1; read !== 0; length += read) {
      read = (await file.read(buffer, length, buffer.length - length)).bytesRead
    }
    if (length > maxBytes) throw tooLarge(name)
    // It has grown meanwhile.
    if (length === buffer.length) return undefined
    return Uint8Array.from(buffer.subarray(0, length))
  } catch (error) {
    throw fileError(error, name)
  } finally {
    await file.close()
  }
}

function tooLarge(name: string): AuthError {
  return authError('SOURCE_FAILED', `${name} is too large to be credentials (more than ${maxBytes} bytes).`)
}

function statOf(path: string): Promise<BigIntStats | undefined> {
  return stat(path, { bigint: true }).catch(() => undefined)
}

/** Device and inode change with a rename, the times with a write in place, however short. */
function print(path: string, { dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [path, dev, ino, size, mtimeNs, ctimeNs].join(':')
}

/** The file system's own error names the path, which may be the secret itself, given by mistake. */
function fileError(error: unknown, name: string): AuthError {
  if (isAuthError(error)) return error
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return authError('CREDENTIALS_NOT_CONFIGURED', `The file or folder does not exist: ${name}.`)
  }
  return authError('SOURCE_FAILED', `Cannot read ${name} (${kindOf(error)}).`)
}

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  let timer: Timer | undefined
  const over = new Promise<void>((resolve) => {
    // It keeps the process alive: a program may have nothing else to do than to read a file that was just written.
    timer = clock.schedule(ms, resolve)
  })
  await abortable(over, signal).finally(() => timer?.cancel())
}
