/**
 * Other software from PyPI, npm, the Go proxy and Debian, each in a folder of the cache that is named after its content. It is
 * installed once, with the ordinary clients, so their configured mirrors are used. (Jars: `maven.mjs`.)
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { aptGet } from '../../scripts/apt.mjs'
import { cacheFolder, removeFolder } from './paths.mjs'
import { spawnOwned } from './processes.mjs'
import { stage } from './stage.mjs'

const timeoutMs = 240_000

/**
 * A Python with packages, in its own environment.
 * @param {string} name
 * @param {readonly string[]} requirements such as `moto[server]==5.2.5`
 * @returns {Promise<string>} the command
 */
export async function pythonWith(name, requirements) {
  requireCommand('python3', ['-m', 'venv', '-h'], 'apt-get install python3 python3-venv')
  const folder = await installed(`python-${name}`, requirements.join('\n'), async (into) => {
    await run('python3', ['-m', 'venv', into])
    const python = join(into, 'bin', 'python')
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements])
  })
  return join(folder, 'bin', 'python')
}

/**
 * npm packages, outside the workspace.
 * @param {string} name
 * @param {readonly string[]} packages such as `aws-sigv4-auth-cassandra-plugin@1.0.5`
 * @param {{ build?: NodeJS.ProcessEnv }} [options] `build`: run their install scripts, with these variables
 * @returns {Promise<string>} a file to `createRequire` from
 */
export async function npmWith(name, packages, { build } = {}) {
  const folder = await installed(`npm-${name}`, packages.join('\n'), async (into) => {
    writeFileSync(join(into, 'package.json'), JSON.stringify({ name, private: true }))
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error', ...(build ? [] : ['--ignore-scripts'])]
    await run('npm', ['install', ...quiet, '--prefix', into, ...packages], {
      env: { ...process.env, ...build },
    })
  })
  return join(folder, 'package.json')
}

/**
 * A program in Go, compiled with its modules. The modules are cached too.
 * @param {string} name
 * @param {string} sources folder with go.mod, go.sum and the program
 * @returns {Promise<string>} the command
 */
export async function goProgram(name, sources) {
  requireCommand('go', ['version'], 'apt-get install golang-go (1.21 or newer)')
  const texts = readdirSync(sources).map((file) => readFileSync(join(sources, file), 'utf8'))
  const folder = await installed(`go-${name}`, texts.join('\n'), async (into) => {
    cpSync(sources, into, { recursive: true })
    await run('go', ['build', '-o', 'program', '.'], { cwd: into, env: goEnvironment() })
  })
  return join(folder, 'program')
}

/**
 * The sources of a Go module, including its tests.
 * @param {string} module such as `golang.org/x/crypto@v0.59.0`
 * @returns {Promise<string>} the folder
 */
export async function goSources(module) {
  requireCommand('go', ['version'], 'apt-get install golang-go (1.21 or newer)')
  const name = module.replace(/@.*/, '').replaceAll('/', '-')
  const folder = await installed(`go-${name}`, module, async (into) => {
    const { Dir } = JSON.parse(
      await run('go', ['mod', 'download', '-json', module], { env: goEnvironment() }),
    )
    cpSync(Dir, join(into, 'sources'), { recursive: true })
  })
  return join(folder, 'sources')
}

function goEnvironment() {
  const cache = join(cacheFolder(), 'go')
  return {
    ...process.env,
    GOPATH: join(cache, 'path'),
    GOCACHE: join(cache, 'build'),
    GOFLAGS: '-mod=readonly -modcacherw',
  }
}

/**
 * The content of Debian packages, unpacked below a folder. Nothing is installed, no service starts, and root is not
 * needed.
 * @param {string} name
 * @param {readonly string[]} packages
 * @returns {Promise<string>} the folder
 */
export function debianFiles(name, packages) {
  return installed(`debian-${name}`, packages.join('\n'), async (into) => {
    const downloads = join(into, 'downloads')
    mkdirSync(downloads)
    const download = () => run(...aptGet('download', '-qq', ...packages), { cwd: downloads })
    // A new machine has no package lists, and the lists of an old one name packages that no longer exist.
    await download().catch(async () => {
      await run(...aptGet('update', '-qq'))
      await download()
    })
    for (const file of readdirSync(downloads)) await run('dpkg-deb', ['-x', join(downloads, file), into])
    removeFolder(downloads)
  })
}

/**
 * @param {string} command @param {string[]} args with a quick answer @param {string} remedy
 */
export function requireCommand(command, args, remedy) {
  const { status, error } = spawnSync(command, args, { stdio: 'ignore', timeout: 60_000 })
  if (status === 0) return
  throw new Error(
    `this suite cannot run here: ${command} is missing (${error?.message ?? `status ${status}`}): ${remedy}`,
  )
}

/**
 * A folder that `fill` fills once for each text of `what`. The stamp is written last; a folder without it is made again.
 * @param {string} name @param {string} what @param {(folder: string) => Promise<void>} fill
 */
export async function installed(name, what, fill) {
  const key = createHash('sha256').update(what).digest('hex').slice(0, 12)
  const folder = join(cacheFolder(), `${name}-${key}`)
  const stamp = join(folder, 'complete')
  if (existsSync(stamp)) return folder
  removeFolder(folder)
  mkdirSync(folder, { recursive: true })
  await stage(`installing ${name}`, () => fill(folder))
  writeFileSync(stamp, what)
  return folder
}

/**
 * Runs a command, waits for its end, and returns its output.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<string>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawnOwned(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      ...options,
    })
    let [output, errors] = ['', '']
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      errors += text
    })
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output)
      else
        reject(new Error(`${command} ${args[0] ?? ''} … ended with ${signal ?? code}:\n${errors || output}`))
    })
    child.ref()
  })
}

/** `lib64`, or `lib/x86_64-linux-gnu` on Debian. @param {string} root */
export function libraryFolders(root) {
  const folders = [join(root, 'lib64'), join(root, 'lib')]
  const multiarch = existsSync(join(root, 'lib')) ? readdirSync(join(root, 'lib')) : []
  const debian = multiarch
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => join(root, 'lib', name))
  return [...debian, ...folders].filter(existsSync)
}
