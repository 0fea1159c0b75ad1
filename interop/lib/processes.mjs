/**
 * Child processes that cannot live longer than this process. Each is killed by its pid when this process exits:
 * normally, with an uncaught error, or by a signal. With the pid files in the run's folder the runner can kill what a
 * killed suite has left behind.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runFolder } from './paths.mjs'

/** @type {Set<import('node:child_process').ChildProcess>} */
const owned = new Set()
let watching = false

/**
 * `spawn` for a process that must not live longer than this one. The child does not keep our event loop alive.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 */
export function spawnOwned(command, args, options) {
  endAllAtExit()
  const child = spawn(command, args, options)
  owned.add(child)
  child.unref()
  const pidFile = notePid(child)
  const forget = () => {
    owned.delete(child)
    if (pidFile) rmSync(pidFile, { force: true })
  }
  child.once('exit', forget)
  child.once('error', forget)
  return child
}

/**
 * Stops a process of `spawnOwned`, and resolves when it has ended. Until then it keeps our event loop alive: otherwise
 * this process could end in the middle of its clean-up.
 * @param {import('node:child_process').ChildProcess} child
 */
export async function endOwned(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.ref()
  child.kill('SIGKILL')
  await ended
}

/**
 * Stops a process of `spawnOwned` and its own children, such as the plugins of Vault, which would live longer.
 * @param {import('node:child_process').ChildProcess} child
 */
export async function endOwnedWithChildren(child) {
  const started = childrenOf(child.pid)
  await endOwned(child)
  for (const pid of started) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has already ended.
    }
  }
}

/** Uses /proc, so it works only on Linux. @param {number | undefined} parent @returns {number[]} */
function childrenOf(parent) {
  if (parent === undefined || !existsSync('/proc')) return []
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && parentOf(pid) === parent)
}

/** proc(5): the name of the program, in parentheses, may contain any characters. @param {number} pid */
function parentOf(pid) {
  try {
    const [, parent] = /^.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return Number(parent)
  } catch {
    // The process has ended in the meantime.
    return undefined
  }
}

/** Exits with the usual code on the usual signals, so that the 'exit' handlers run. */
export function exitOnSignals() {
  for (const [signal, code] of /** @type {const} */ ([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])) {
    if (process.listenerCount(signal) === 0) process.once(signal, () => process.exit(code))
  }
}

/**
 * Kills the processes whose pid files are in `folder`. `spawnOwned` wrote them there in another process. A pid is used
 * only if its process has the folder in its command line, because systems reuse pids.
 * @param {string} folder
 * @returns {number} the number that were still alive
 */
export function endLeftovers(folder) {
  const pids = join(folder, 'pids')
  if (!existsSync(pids)) return 0
  let ended = 0
  for (const name of readdirSync(pids)) {
    const pid = Number(name)
    if (!runningCommand(pid).includes(folder)) continue
    try {
      process.kill(pid, 'SIGKILL')
      ended++
    } catch {
      // It ended between the look and the signal.
    }
  }
  return ended
}

function endAllAtExit() {
  if (watching) return
  watching = true
  exitOnSignals()
  process.on('exit', () => {
    for (const child of owned) child.kill('SIGKILL')
  })
}

/** @param {import('node:child_process').ChildProcess} child */
function notePid(child) {
  if (child.pid === undefined) return undefined
  const folder = join(runFolder(), 'pids')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, String(child.pid))
  writeFileSync(file, '')
  return file
}

/** @param {number} pid */
function runningCommand(pid) {
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return ''
  }
}
