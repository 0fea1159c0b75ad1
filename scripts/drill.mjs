/**
 * Adds a toy mechanism, source, TLS profile and option to a copy of the repository. It then leaves out one place of each
 * toy after the other. The check for that place must fail with a message that names it. With all places every check must
 * pass, and TypeScript must know the toys.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { toys } from './drill/toys.mjs'
import { Checks, copyRepository, root } from './lib.mjs'

const checks = new Checks()
const copy = mkdtempSync(join(tmpdir(), 'x-auth-drill-'))
const tsc = 'node_modules/typescript/bin/tsc'
const namesOfTests = toys.flatMap(({ tests }) => tests).join('|')
const rounds = Math.max(...toys.flatMap(({ places }) => places.map(({ round }) => round)))

try {
  copyInstalled()
  for (let round = 0; round <= rounds; round++) await drill(round)
} finally {
  rmSync(copy, { recursive: true, force: true })
}
checks.finish()

/**
 * Round 0 leaves out nothing. Every other round leaves out at most one place of each toy; they run together, because the
 * toys do not affect each other.
 */
async function drill(round) {
  const all = toys.flatMap(({ places }) => places)
  const forgotten = all.filter((place) => round > 0 && place.round === round)
  const undo = all.map((place) => put(place, forgotten.includes(place)))
  try {
    const needed = round === 0 ? all : forgotten
    const startedAt = performance.now()
    const { ok, text } = await outputOf(new Set(needed.flatMap(({ check }) => check)))
    if (round === 0)
      await checks.check('with all places everything is green', () => ({ ok, output: tail(text) }), startedAt)
    for (const { title, says } of forgotten) {
      const check = () => {
        if (ok || !says.test(text)) throw new Error(`nothing says ${says}:\n${tail(text)}`)
      }
      await checks.check(`forgotten: ${title}`, check, startedAt)
    }
  } finally {
    for (const back of undo.reverse()) back()
  }
}

function tail(text) {
  return text.slice(-8_000)
}

/** Runs these checks in the copy, at the same time: `jest FILE`, `tsc PACKAGE`, `defaults`. */
async function outputOf(wanted) {
  const of = (kind) =>
    [...wanted].filter((each) => each.startsWith(`${kind} `)).map((each) => each.slice(kind.length + 1))
  const files = of('jest')
  // Only the tests that see the toys: some files have hundreds of other tests.
  const only = ['--ci', '--colors=false', '--verbose=false', '-w', '2', '--testNamePattern', namesOfTests]
  const outputs = await Promise.all([
    ...(files.length > 0 ? [execute(['node_modules/jest/bin/jest.js', ...only, ...files])] : []),
    ...of('tsc').map(typecheck),
    ...(wanted.has('defaults') ? [defaultsOfCore()] : []),
  ])
  return {
    ok: outputs.every(({ ok }) => ok),
    text: outputs.map(({ text }) => text).join('\n'),
  }
}

/** Compiles the sources of a package and the file that was added to its tests. */
function typecheck(name) {
  const project = join('packages', name, 'tsconfig.drill.json')
  const include = ['src', 'test/drill-types.ts']
  writeFileSync(join(copy, project), JSON.stringify({ extends: './tsconfig.json', include }))
  return execute([tsc, '-p', project, '--noEmit'])
}

async function defaultsOfCore() {
  const built = await execute([tsc, '-p', 'packages/auth-core/tsconfig.build.json'])
  const script = pathToFileURL(join(copy, 'scripts/defaults.mjs')).href
  const code = `import('${script}').then((m) => m.renderDefaults(m.bagsByPackage(['@x/auth-core'])))`
  const rendered = await execute(['-e', code])
  return { ok: built.ok && rendered.ok, text: built.text + rendered.text }
}

function execute(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk))
    child.on('close', (status) => resolve({ ok: status === 0, text }))
  })
}

/** Writes a place, and returns a function that undoes it. */
function put({ file, content, after, insert, without }, isForgotten) {
  if (isForgotten && without === undefined) return () => undefined
  const path = join(copy, file)
  const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content ?? inserted(file, before ?? '', after, isForgotten ? without : insert))
  return () => (before === undefined ? rmSync(path) : writeFileSync(path, before))
}

function inserted(file, text, after, insert) {
  if (text.split(after).length < 2)
    throw new Error(`${file} has no ${JSON.stringify(after)}: correct scripts/drill/toys.mjs`)
  return text.replace(after, () => after + insert)
}

/** Copies the repository, and links the installed packages into the copy. */
function copyInstalled() {
  const manifests = copyRepository(copy).filter((file) => file.endsWith('package.json'))
  for (const folder of new Set(['.', ...manifests.map((file) => dirname(file))])) {
    const installed = join(root, folder, 'node_modules')
    if (existsSync(installed)) symlinkSync(installed, join(copy, folder, 'node_modules'))
  }
}
