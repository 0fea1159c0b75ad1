/** The harness itself: its counts, its clear failures, and that no process lives longer than it. */
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { startCassandra } from '../cassandra/index.mjs'
import { documentMatrix, markers, matrixTable } from '../lib/matrix-table.mjs'
import { mavenJars } from '../lib/maven.mjs'
import { cacheFolder, interopRoot, temporaryFolder } from '../lib/paths.mjs'
import { endLeftovers } from '../lib/processes.mjs'
import { runSuite } from '../lib/run-suite.mjs'

const fixture = (/** @type {string} */ name) => join(interopRoot, 'fixtures', `${name}.mjs`)
const timeoutMs = 60_000

describe('counts', () => {
  test('tests, not groups; a skipped one and a broken hook are failures', async () => {
    const { passed, failed, complaint, output } = await runSuite(fixture('counted'), {
      timeoutMs,
      capture: true,
    })
    assert.deepEqual({ passed, failed, complaint }, { passed: 4, failed: 4, complaint: undefined })
    assert.match(output, /on purpose/)
  })

  test('a suite that ends early has failed', async () => {
    const { failed, complaint } = await runSuite(fixture('early-end'), { timeoutMs, capture: true })
    assert.equal(failed, 1)
    assert.match(complaint ?? '', /ended early/)
  })

  test('a suite without a test has failed', async () => {
    const { failed, complaint } = await runSuite(fixture('no-test'), { timeoutMs, capture: true })
    assert.equal(failed, 1)
    assert.match(complaint ?? '', /no test/)
  })

  test('a suite that leaves something open has failed, and its children are killed', async () => {
    const result = await runSuite(fixture('left-open'), { timeoutMs: 4000, capture: true })
    assert.deepEqual({ passed: result.passed, failed: result.failed }, { passed: 1, failed: 1 })
    assert.match(result.complaint ?? '', /left open/)
    const pid = Number(/child (\d+)/.exec(result.output)?.[1])
    await ended(pid)
  })
})

describe('the matrix', () => {
  /** @type {import('../lib/matrix.mjs').Entry[]} */
  let entries
  before(async () => {
    entries = (await runSuite(fixture('matrix'), { timeoutMs, capture: true })).matrix
  })

  test('says what ran, known names first', () => {
    assert.equal(
      matrixTable(entries),
      [
        '|           | JDK         | Cassandra 5.0 |',
        '| --------- | ----------- | ------------- |',
        '| PLAIN     | 1, 1 differ | 1             |',
        '| A-NEW-ONE | FAILED 1    | –             |',
      ].join('\n'),
    )
  })

  test('is written into the documents that have a place for it, and compared with it', () => {
    const root = temporaryFolder('documents')
    for (const folder of ['interop', 'docs']) mkdirSync(join(root, folder))
    const [begin, end] = markers
    const [first, second, without] = ['interop/README.md', 'README.md', 'docs/sasl.md'].map((name) =>
      join(root, name),
    )
    assert.ok(first && second && without)
    for (const file of [first, second]) writeFileSync(file, `# One\n${begin}\nold\n${end}\n# Two\n`)
    writeFileSync(without, 'nothing here')
    assert.deepEqual(documentMatrix(entries, { write: false, root }), ['interop/README.md', 'README.md'])
    documentMatrix(entries, { write: true, root })
    assert.deepEqual(documentMatrix(entries, { write: false, root }), [])
    assert.equal(readFileSync(first, 'utf8'), `# One\n${begin}\n${matrixTable(entries)}\n${end}\n# Two\n`)
    assert.equal(readFileSync(without, 'utf8'), 'nothing here')
    writeFileSync(first, 'no place')
    assert.throws(() => documentMatrix(entries, { write: true, root }), /no place for the matrix/)
  })

  test('cannot be written from a part of the suites', () => {
    const run = join(interopRoot, 'run.mjs')
    const { status, stderr } = spawnSync(process.execPath, [run, 'harness', '--write'], { encoding: 'utf8' })
    assert.equal(status, 2)
    assert.match(stderr, /all suites/)
  })
})

describe('no child lives longer than its owner', () => {
  for (const [what, end] of /** @type {const} */ ([
    ['at a normal exit', 'exit'],
    ['at an uncaught error', 'throw'],
    ['at SIGINT', 'SIGINT'],
    ['at SIGTERM', 'SIGTERM'],
  ])) {
    test(what, async () => {
      const { owner, pid } = await ownerOfChild()
      if (end === 'exit' || end === 'throw') owner.stdin.write(end)
      else owner.kill(end)
      await once(owner, 'exit')
      await ended(pid)
    })
  }

  test('after SIGKILL the runner kills what is left', async () => {
    const { owner, pid, folder } = await ownerOfChild()
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    assert.ok(isRunning(pid))
    assert.equal(endLeftovers(folder), 1)
    await ended(pid)
  })

  test('a process that waits for its child does not end before it', () => {
    const { status, stdout } = spawnSync(process.execPath, [fixture('waits-for-its-child')], {
      encoding: 'utf8',
      timeout: timeoutMs,
    })
    assert.deepEqual({ status, stdout }, { status: 0, stdout: 'ended by SIGKILL\n' })
  })

  test('a pid that is no longer ours is left alone', () => {
    const folder = temporaryFolder('stranger')
    mkdirSync(join(folder, 'pids'))
    writeFileSync(join(folder, 'pids', String(process.pid)), '')
    assert.equal(endLeftovers(folder), 0)
  })
})

describe('fails loudly', () => {
  test('without Java and Maven: says what to install', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(interopRoot, 'run.mjs'), 'harness'],
      {
        encoding: 'utf8',
        env: { PATH: temporaryFolder('no-tools') },
      },
    )
    assert.equal(status, 1)
    assert.match(stderr, /openjdk-17/)
    assert.match(stderr, /install maven/)
    assert.equal(stdout.trimEnd().split('\n').at(-1), '0 passed, 1 failed')
  })

  test('a suite that does not exist', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(interopRoot, 'run.mjs'), 'nothing'], {
      encoding: 'utf8',
    })
    assert.equal(status, 2)
    assert.match(stderr, /no suite called nothing/)
  })

  test('a server that does not boot: the end of its log is in the error', async () => {
    await assert.rejects(startCassandra({ yaml: { partitioner: 'NoSuchPartitioner' } }), /NoSuchPartitioner/)
  })

  test('a version that does not exist', async () => {
    await assert.rejects(
      startCassandra({ version: '2.0' }),
      /no Cassandra 2\.0 here; there are: .*5\.0, 4\.1/,
    )
  })
})

test('README.md lists every suite', () => {
  const readme = readFileSync(join(interopRoot, 'README.md'), 'utf8')
  const suites = readdirSync(join(interopRoot, 'suites')).map((file) => file.replace('.mjs', ''))
  assert.deepEqual(
    suites.filter((name) => !readme.includes(`\`${name}\``)),
    [],
  )
})

test('a suite that runs only if it is named fails if its binary is not named', () => {
  const { VAULT: _vault, ...env } = process.env
  const run = join(interopRoot, 'run.mjs')
  const { status, stdout } = spawnSync(process.execPath, [run, 'vault'], {
    env,
    encoding: 'utf8',
    timeout: 120_000,
  })
  assert.equal(status, 1)
  assert.match(stdout, /VAULT names no binary/)
  assert.match(stdout, /^0 passed, [1-9]\d* failed$/m)
})

describe('the cache', () => {
  test('a truncated jar is downloaded again', async () => {
    const folder = temporaryFolder('pom')
    const pom = join(folder, 'pom.xml')
    copyFileSync(join(interopRoot, 'fixtures', 'small-pom.xml'), pom)
    const { XAUTH_CACHE } = process.env
    process.env['XAUTH_CACHE'] = folder
    try {
      const first = await mavenJars({ pom, name: 'small' })
      assert.equal(first.jars.length, 1)
      const [jar = ''] = first.jars
      const { size } = statSync(jar)
      truncateSync(jar, 10)
      const second = await mavenJars({ pom, name: 'small' })
      assert.deepEqual(second, first)
      assert.equal(statSync(jar).size, size)
      assert.deepEqual(readdirSync(cacheFolder()).length, 1)
    } finally {
      if (XAUTH_CACHE === undefined) delete process.env['XAUTH_CACHE']
      else process.env['XAUTH_CACHE'] = XAUTH_CACHE
    }
  })
})

async function ownerOfChild() {
  const folder = temporaryFolder('owner')
  const owner = spawn(process.execPath, [fixture('owner')], {
    env: { ...process.env, XAUTH_RUN_FOLDER: folder },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const [text] = await once(owner.stdout, 'data')
  const pid = Number(text)
  assert.ok(isRunning(pid))
  return { owner, pid, folder }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    // A process that has ended without a wait of its parent is listed as Z.
    return /^[^Z]/.test(execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }))
  } catch {
    return false
  }
}

/** @param {number} pid */
async function ended(pid) {
  const deadline = Date.now() + 10_000
  while (isRunning(pid)) {
    if (Date.now() > deadline) assert.fail(`process ${pid} is still running`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
