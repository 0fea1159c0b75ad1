/** npm and pnpm as they are called from here: never through a shell. */
import { spawnSync } from 'node:child_process'
import { basename, join } from 'node:path'
import { repositoryRoot } from './paths.mjs'

/** @param {string[]} args @param {string} cwd */
export function npmInstall(args, cwd) {
  const { npm_execpath: path = '' } = process.env
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  // Set by npm; pnpm, which starts scripts too, sets it to itself.
  if (basename(path).startsWith('npm')) run(process.execPath, [path, 'install', ...quiet, ...args], cwd)
  else run('npm', ['install', ...quiet, ...args], cwd)
}

/** @param {string[]} args @param {string} cwd */
export function pnpm(args, cwd) {
  run(process.execPath, [join(repositoryRoot, 'node_modules/pnpm/bin/pnpm.cjs'), ...args], cwd)
}

/**
 * Runs a program to its end; returns what it printed.
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
