/** Calls npm and pnpm without a shell. */
import { spawnSync } from 'node:child_process'
import { basename, join } from 'node:path'
import { repositoryRoot } from './paths.mjs'

/** @param {string[]} args @param {string} cwd */
export function npmInstall(args, cwd) {
  const { npm_execpath: path = '' } = process.env
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  // npm sets this. pnpm starts scripts too, and sets it to its own path.
  if (basename(path).startsWith('npm')) run(process.execPath, [path, 'install', ...quiet, ...args], cwd)
  else run('npm', ['install', ...quiet, ...args], cwd)
}

/** @param {string[]} args @param {string} cwd */
export function pnpm(args, cwd) {
  run(process.execPath, [join(repositoryRoot, 'node_modules/pnpm/bin/pnpm.cjs'), ...args], cwd)
}

/**
 * Runs a program, waits for its end, and returns its output.
 * @param {string} command @param {string[]} args @param {string} cwd @param {Record<string, string>} [env] in addition
 */
export function run(command, args, cwd, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 300_000,
  })
  if (status === 0) return stdout
  throw new Error(
    `${[command, ...args].join(' ')} failed\n${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`,
  )
}
