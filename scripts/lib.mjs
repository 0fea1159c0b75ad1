/** Functions for several scripts: the packages of the repository, running commands, counting checks. */
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** All packages that are published: `{ name, folder, manifest }`, by name. */
export function publicPackages() {
  return readdirSync(join(root, 'packages'))
    .filter((name) => existsSync(join(root, 'packages', name, 'package.json')))
    .sort()
    .map((name) => {
      const folder = join(root, 'packages', name)
      return {
        name: `@x/${name}`,
        folder,
        manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
      }
    })
    .filter(({ manifest }) => !manifest.private)
}

/** Copies the current files of the repository, also those that are not yet added to git, but not ignored files. Returns their names. */
export function copyRepository(into) {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard']
  const files = execFileSync('git', list, { cwd: root, encoding: 'utf8' })
    .split('\n')
    // One that was deleted and not yet committed is still in the list.
    .filter((file) => file && existsSync(join(root, file)))
  for (const file of files) {
    mkdirSync(dirname(join(into, file)), { recursive: true })
    cpSync(join(root, file), join(into, file))
  }
  return files
}

/** Runs a program without a shell, waits for its end, and returns its exit code and its output. */
export function run(command, args, { cwd = root, env = process.env, timeoutMs = 600_000 } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    timeout: timeoutMs,
    maxBuffer: 1 << 28,
  })
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? `${result.error.message}\n` : ''}`
  return { ok: result.status === 0, status: result.status, stdout: result.stdout ?? '', output }
}

/** The same, but asynchronously. @returns {Promise<ReturnType<typeof run>>} */
export function start(command, args, { cwd = root, env = process.env, timeoutMs = 600_000 } = {}) {
  return new Promise((resolve) => {
    const options = { cwd, env, encoding: 'utf8', timeout: timeoutMs, maxBuffer: 1 << 28 }
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      // If the program did not finish, the message says so.
      const message = error && typeof error.code !== 'number' ? `${error.message}\n` : ''
      resolve({ ok: !error, status: child.exitCode, stdout, output: `${stdout}${stderr}${message}` })
    })
    child.stdin?.end()
  })
}

/** Runs the jobs, two at a time, because CI has two cores. @param {readonly (() => Promise<unknown>)[]} jobs */
export async function twoAtATime(jobs) {
  const rest = jobs.values()
  const work = async () => {
    for (const job of rest) await job()
  }
  await Promise.all([work(), work()])
}

/** Counts checks, prints each with its duration, and prints as its last line what CI reads. */
export class Checks {
  #passed = 0
  #failed = 0

  /**
   * `check` returns nothing, or throws, or returns `{ ok, output }` as `run` does. `startedAt`: when the checked work began, by
   * performance.now(); several checks may use the same work.
   */
  async check(title, check, startedAt = performance.now()) {
    let problem
    try {
      const result = await check()
      if (result && result.ok === false) problem = result.output || `exit code ${result.status}`
    } catch (error) {
      problem = error.stack ?? String(error)
    }
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    console.log(`${problem === undefined ? '✓' : '✗'} ${title} (${seconds} s)`)
    if (problem === undefined) this.#passed++
    else {
      this.#failed++
      console.log(problem.replace(/^/gm, '    '))
    }
  }

  finish() {
    console.log(`${this.#passed} passed, ${this.#failed} failed`)
    process.exitCode = this.#failed > 0 || this.#passed === 0 ? 1 : 0
  }
}
