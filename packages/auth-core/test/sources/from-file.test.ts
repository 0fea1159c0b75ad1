import { execFileSync } from 'node:child_process'
import {
  appendFile,
  mkdir,
  mkdtemp,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import type { CredentialSource } from '../../src/credentials.js'
import { type CachedSource, cached } from '../../src/sources/cached.js'
import { fromFile } from '../../src/sources/from-file.js'
import { accepted, login, type Password, settled } from '../support/logins.js'
import { ManualClock } from '../support/manual-clock.js'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'from-file-'))
  path = join(folder, 'credentials')
})
afterEach(() => rm(folder, { recursive: true }))

/** A file that nobody has touched for a minute. */
async function write(text: string | Uint8Array, file = path): Promise<void> {
  await writeFile(file, text)
  await age(file)
}

async function age(file: string): Promise<void> {
  const then = new Date(Date.now() - 60_000)
  await utimes(file, then, then)
}

const alice = { username: 'alice', password: 'correct horse' }
/** Options of all kinds, also wrong ones. */
const sourceOf = (options: object = {}) => fromFile({ path, ...options }) as CredentialSource<Password>
const read = (options?: object) => login(sourceOf(options)).credentials

describe('formats', () => {
  test.each([
    ['JSON', '{"username": "alice", "password": "correct horse"}', {}],
    ['JSON by name', '\n {"username": "alice", "password": "correct horse"}\n', { format: 'json' }],
    ['JSON with a byte order mark', '\uFEFF{"username": "alice", "password": "correct horse"}', {}],
    ['key=value', 'username=alice\npassword=correct horse\n', {}],
    [
      'key = value, with comments and CRLF',
      '# ours\r\n\r\n username = alice\r\npassword = correct horse \r\n',
      {},
    ],
    ['key=value by name', 'username=alice\npassword=correct horse', { format: 'key-value' }],
    [
      'a function',
      'alice:correct horse',
      { format: (text: string) => ({ username: text.split(':')[0], password: text.split(':')[1] }) },
    ],
    [
      'fields under other names',
      '{"user": "alice", "pass": "correct horse", "note": 1}',
      { fields: { username: 'user', password: 'pass' } },
    ],
  ])('%s', async (_, text, options) => {
    await write(text)
    expect(await read(options)).toEqual(alice)
  })

  test('a password of key=value begins after the first = and keeps quotes and backslashes', async () => {
    await write('username=alice\npassword="a=b#c\\n"\n')
    expect(await read()).toMatchObject({ password: '"a=b#c\\n"' })
  })

  test('a folder: a file for each field, without the line break at its end', async () => {
    await mkdir(path)
    await write('alice', join(path, 'username'))
    await write('correct horse\n', join(path, 'password'))
    await write('not ours', join(path, '.swap'))
    expect(await read()).toEqual(alice)
    expect(await read({ format: 'secret-folder' })).toEqual(alice)
  })

  test('a folder with the secrets of others: only the fields that are named are read', async () => {
    await mkdir(path)
    await write('alice', join(path, 'db_user'))
    await write('correct horse', join(path, 'db_password'))
    await write(Buffer.alloc(2_000_000), join(path, 'dump'))
    expect(await read({ fields: { username: 'db_user', password: 'db_password' } })).toEqual(alice)
  })

  test('a folder with a key store and a large file beside: neighbours that no field names are ignored', async () => {
    await mkdir(path)
    await write('alice', join(path, 'username'))
    await write('correct horse', join(path, 'password'))
    await write(Buffer.from([0x30, 0x82, 0xff, 0xfe]), join(path, 'user.p12'))
    await write(Buffer.alloc(70_000, 'x'), join(path, 'ca-bundle.crt'))
    execFileSync('mkfifo', [join(path, 'control')])
    expect(await read()).toEqual(alice)
    expect(await read({ format: 'secret-folder' })).toEqual(alice)
  })

  test('a folder with a link that leads nowhere: as if it were not there', async () => {
    await mkdir(path)
    await write('alice', join(path, 'username'))
    await write('correct horse', join(path, 'password'))
    await symlink('nowhere', join(path, 'note'))
    expect(await read()).toEqual(alice)
  })

  test('the secrets of a mount are those behind ..data', async () => {
    await mkdir(join(path, 'v1'), { recursive: true })
    await write('alice', join(path, 'v1', 'username'))
    await write('correct horse', join(path, 'v1', 'password'))
    await symlink('v1', join(path, '..data'))
    expect(await read()).toEqual(alice)
  })

  test('but a field that is not text is an error, as is a folder full of files', async () => {
    await mkdir(path)
    await write('alice', join(path, 'username'))
    await write(Buffer.from([0x30, 0x82, 0xff, 0xfe]), join(path, 'password'))
    await expect(read()).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' })
    await rm(join(path, 'password'))
    for (let number = 0; number < 300; number++) await writeFile(join(path, `file${number}`), 'x')
    await expect(read()).rejects.toMatchObject({ code: 'SOURCE_FAILED' })
    await age(join(path, 'file7'))
    expect(await read({ fields: { username: 'username', password: 'file7' } })).toEqual({
      username: 'alice',
      password: 'x',
    })
  })

  test("trailingNewline is for a folder, also with format 'secret-folder'", async () => {
    await mkdir(path)
    await write('alice', join(path, 'username'))
    await write('x\n', join(path, 'password'))
    const options = { trailingNewline: 'keep', format: 'secret-folder' }
    expect(await read(options)).toEqual({ ...alice, password: 'x\n' })
  })

  test('of the wrong format: the error says what it is, and what it was to be', async () => {
    await write('username=alice')
    await expect(read({ format: 'secret-folder' })).rejects.toThrow(/ is a file, not a secret-folder\./)
  })

  test("trailingNewline: 'keep' keeps what is at the end of a file of a folder", async () => {
    await mkdir(path)
    await write('alice', join(path, 'username'))
    await write('correct horse\n', join(path, 'password'))
    expect(await read({ trailingNewline: 'keep' })).toEqual({ ...alice, password: 'correct horse\n' })
  })

  test('expiresAt is a time of ISO 8601', async () => {
    await write('{"username": "alice", "password": "x", "expiresAt": "2030-01-02T03:04:05Z"}')
    expect(await read()).toMatchObject({ expiresAt: new Date('2030-01-02T03:04:05Z') })
    await write('{"user": "alice", "until": "2030-01-02T03:04:05+01:00"}')
    expect(await read({ fields: { username: 'user', expiresAt: 'until' } })).toEqual({
      username: 'alice',
      expiresAt: new Date('2030-01-02T02:04:05Z'),
    })
  })

  test('a URL, and a relative path, which is resolved at once', async () => {
    await write('username=alice\npassword=correct horse')
    expect(await read({ path: pathToFileURL(path) })).toEqual(alice)
    const source = sourceOf({ path: relative(process.cwd(), path) })
    expect(await login(source).credentials).toEqual(alice)
  })
})

describe('what cannot be read', () => {
  test.each([
    ['JSON that breaks off', '{"username": "alice", "password": "hunter2', {}],
    ['JSON with an extra comma', '{"password": "hunter2",}', {}],
    ['a JSON array', '["hunter2"]', { format: 'json' }],
    ['a JSON text', '"hunter2"', { format: 'json' }],
    ['a line without =', 'username=alice\nhunter2', {}],
    ['a line without key', '=hunter2', {}],
    ['a key twice', 'password=hunter2\npassword=hunter3', {}],
    ['bytes that are not UTF-8', Buffer.from([...Buffer.from('password=hunter2'), 0xc3]), {}],
    ['an empty file', '', {}],
    ['a field that is not there', '{"password": "hunter2"}', { fields: { username: 'username' } }],
    ['a field that is empty', '{"username": "", "x": "hunter2"}', { fields: { username: 'username' } }],
    ['a field that every object has', '{"x": "hunter2"}', { fields: { username: 'constructor' } }],
    ['expiresAt without a zone', '{"x": "hunter2", "expiresAt": "2030-01-01T00:00:00"}', {}],
    ['expiresAt that is not a date', '{"x": "hunter2", "expiresAt": "hunter2"}', {}],
    [
      'a function that quotes it',
      'hunter2',
      {
        format: (text: string) => {
          throw new Error(`cannot parse ${text}`, { cause: text })
        },
      },
    ],
    ['a function that throws it', 'hunter2', { format: (text: string) => Promise.reject(text) }],
  ])('%s: CREDENTIALS_INVALID without a piece of it', async (_, text, options) => {
    await write(text)
    const error = await login(sourceOf(options)).error()
    expect(error).toMatchObject({ code: 'CREDENTIALS_INVALID', cause: undefined })
    expect(error.message).toContain(path)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter')
  })

  test.each([
    ['no file', {}],
    ['no folder on the way', { path: '/nowhere/at/all' }],
  ])('%s: CREDENTIALS_NOT_CONFIGURED', async (_, options) => {
    await expect(read(options)).rejects.toMatchObject({ code: 'CREDENTIALS_NOT_CONFIGURED' })
  })

  test('a folder without files, as Kubernetes mounts a secret that does not exist', async () => {
    await mkdir(path)
    await expect(read()).rejects.toMatchObject({ code: 'CREDENTIALS_NOT_CONFIGURED' })
  })

  test.each([
    ['a folder where a file is meant', 'folder', { format: 'json' }],
    ['a folder for a function', 'folder', { format: () => alice }],
    ['a file where a folder is meant', 'file', { format: 'secret-folder' }],
    ['what is not a file', 'device', { path: '/dev/null' }],
    ['a file too large', 'large', {}],
    ['a file of 4 GiB, which is not read', 'huge', {}],
    ['a FIFO that nobody writes to', 'fifo', {}],
    ['what may not be read', 'device', { path: '/proc/1/mem' }],
  ])('%s: SOURCE_FAILED', async (_, kind, options) => {
    if (kind === 'fifo') execFileSync('mkfifo', [path])
    else if (kind === 'huge') {
      await writeFile(path, 'username=alice')
      await truncate(path, 2 ** 32)
    } else if (kind === 'folder') {
      await mkdir(path)
      await write('alice', join(path, 'username'))
    } else await write(kind === 'large' ? 'x'.repeat(1_048_577) : 'username=alice')
    await expect(read(options)).rejects.toMatchObject({ code: 'SOURCE_FAILED' })
  })

  test.each([
    {},
    { path: '' },
    { path: 7 },
    { path: new URL('https://example.com/secret') },
    { path: 'x', format: 'yaml' },
    { path: 'x', settleMs: 0 },
    { path: 'x', pollIntervalMs: Number.NaN },
    { path: 'x', fields: {} },
    { path: 'x', fields: { username: '' } },
    { path: 'x', fields: { username: 'u' }, format: () => alice },
    { path: 'x', settleMS: 1 },
    { path: 'x', trailingNewline: false },
    { path: 'x', trailingNewline: 'keep', format: 'json' },
    { path: null },
    { path: 'x', fields: null },
  ])('options %p: OPTION_INVALID', (options) => {
    expect(() => fromFile(options as never)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })
})

describe('the text itself, given as the path', () => {
  test.each([
    ['JSON', '{"username": "alice", "password": "hunter2"}', 'OPTION_INVALID'],
    ['lines', 'username=alice\npassword=hunter2', 'OPTION_INVALID'],
    ['PEM', '-----BEGIN PRIVATE KEY-----hunter2', 'OPTION_INVALID'],
    ['a file: URL that is none', new URL('file://hunter2/secret'), 'OPTION_INVALID'],
    ['one line', 'password=hunter2', 'CREDENTIALS_NOT_CONFIGURED'],
    ['a password', 'hunter2', 'CREDENTIALS_NOT_CONFIGURED'],
    ['a password with a slash', 'hunter2/x', 'CREDENTIALS_NOT_CONFIGURED'],
    ['a password after a slash', '/hunter2', 'CREDENTIALS_NOT_CONFIGURED'],
    ['a password with two slashes', '/hunter2/hunter2', 'CREDENTIALS_NOT_CONFIGURED'],
    ['a password with spaces', '/hunter2 correct', 'CREDENTIALS_NOT_CONFIGURED'],
    ['a token', `/${'hunter2'.repeat(30)}`, 'CREDENTIALS_NOT_CONFIGURED'],
    ['a long text', 'hunter2 '.repeat(2_000), 'SOURCE_FAILED'],
  ])('%s: an error that does not quote it', async (_, given, code) => {
    const error = await Promise.resolve()
      .then(() => login(sourceOf({ path: given })).credentials)
      .catch((reason) => reason)
    expect(error.code).toBe(code)
    expect(inspect([error, error.cause], { depth: 9, showHidden: true })).not.toContain('hunter2')
  })

  test('a path is named', async () => {
    for (const given of ['/run/secrets/db', './secret', 'conf/secret.json']) {
      const { message } = await login(sourceOf({ path: given })).error()
      expect(message).toContain(resolve(given))
    }
  })
})

describe('alone, without a provider', () => {
  test('a file that was just written is waited for: the process does not end before', async () => {
    await writeFile(path, 'username=alice\npassword=correct horse')
    const clock = new ManualClock(Date.now())
    const attempt = login(sourceOf({ clock }))
    while (clock.pending === 0) await settled()
    expect(clock.keepingAlive).toBe(1)
    clock.advance(50)
    expect(await attempt.credentials).toEqual(alice)
    expect(clock.pending).toBe(0)
  })
})

describe('a file that is being written', () => {
  /** The clock stands at the time of the files, so each pause is the test's to end. */
  function slowly() {
    const clock = new ManualClock(Date.now())
    const attempt = login(sourceOf({ clock, settleMs: 1_000 }))
    let over = false
    attempt.credentials
      .catch(() => undefined)
      .finally(() => {
        over = true
      })
    /** Until the source has paused, or answered. */
    const paused = async () => {
      while (clock.pending === 0 && !over) await settled()
    }
    /** Half a pause, more text, and the other half. */
    const add = async (text: string) => {
      await paused()
      clock.advance(500)
      await appendFile(path, text)
      await utimes(path, new Date(clock.now()), new Date(clock.now()))
      clock.advance(500)
    }
    return { attempt, clock, paused, add, isOver: () => over }
  }

  test('is read once it has been left alone', async () => {
    await writeFile(path, 'username=alice\npassword=corr')
    const { attempt, clock, paused, add, isOver } = slowly()
    await add('ect ho')
    await add('rse\n')
    await paused()
    expect(isOver()).toBe(false)
    clock.advance(1_000)
    expect(await attempt.credentials).toEqual(alice)
  })

  test('and goes on being written: SOURCE_FAILED after 20 pauses', async () => {
    await writeFile(path, 'username=alice\n')
    const { attempt, add, isOver } = slowly()
    let rounds = 0
    for (; !isOver(); rounds++) await add('# more\n')
    expect((await attempt.error()).code).toBe('SOURCE_FAILED')
    expect(rounds).toBeGreaterThanOrEqual(20)
  })

  test('is not waited for by a login that has given up', async () => {
    await writeFile(path, 'username=alice\n')
    const { attempt, clock, paused } = slowly()
    await paused()
    attempt.abort()
    expect((await attempt.error()).message).toBe('the deadline has passed')
    expect(clock.pending).toBe(0)
  })

  test('with a time of tomorrow is read after one pause', async () => {
    await write('username=alice\npassword=correct horse\n')
    const tomorrow = new Date(Date.now() + 86_400_000)
    await utimes(path, tomorrow, tomorrow)
    const { attempt, clock, paused } = slowly()
    await paused()
    clock.advance(1_000)
    expect(await attempt.credentials).toEqual(alice)
  })

  test('old enough is read at once', async () => {
    await write('username=alice\npassword=correct horse\n')
    const { attempt, clock } = slowly()
    expect(await attempt.credentials).toEqual(alice)
    expect(clock.pending).toBe(0)
  })
})

describe('under cached, a change is seen', () => {
  const json = (password: string) => JSON.stringify({ username: 'alice', password })

  /** Logs in with the first password, changes the file, and lets the cache look once. */
  async function after(change: () => Promise<unknown>) {
    const clock = new ManualClock(Date.now())
    const source = cached(sourceOf({ clock }), { clock })
    const before = await accepted(source)
    await change()
    await look(source, clock)
    return { before, now: await accepted(source), source, clock }
  }

  /** One look of the watch, and whatever it begins; the file system answers in its own time. */
  async function look(source: CachedSource<Password>, clock: ManualClock): Promise<void> {
    const { fetches } = source.status()
    clock.advance(1_000)
    for (const until = Date.now() + 10_000; Date.now() < until; ) {
      await settled()
      if (source.status().fetches > fetches && !source.status().entries[0]?.fetching) return
    }
    throw new Error('the cache did not ask')
  }

  test('by an atomic rename', async () => {
    await write(json('old'))
    const { before, now, source } = await after(async () => {
      await write(json('new'), `${path}.tmp`)
      await rename(`${path}.tmp`, path)
    })
    expect([before, now]).toEqual(['old', 'new'])
    expect(source.status().refusals).toBe(0)
  })

  test('by a rename that keeps time and size, as rsync does', async () => {
    await write(json('old'))
    const { now } = await after(async () => {
      await write(json('new'), `${path}.tmp`)
      const { mtime } = await stat(path)
      await utimes(`${path}.tmp`, mtime, mtime)
      await rename(`${path}.tmp`, path)
    })
    expect(now).toBe('new')
  })

  test('by a write in place', async () => {
    await write(json('old'))
    const { now } = await after(() => write(json('new, and longer')))
    expect(now).toBe('new, and longer')
  })

  test('by a link that is swapped, anywhere on the way', async () => {
    for (const version of ['1', '2']) {
      await mkdir(join(folder, version))
      await write(json(`of ${version}`), join(folder, version, 'secret.json'))
    }
    await symlink('1', join(folder, 'current'))
    await symlink(join('current', 'secret.json'), path)
    const { before, now } = await after(async () => {
      await symlink('2', join(folder, 'next'))
      await rename(join(folder, 'next'), join(folder, 'current'))
    })
    expect([before, now]).toEqual(['of 1', 'of 2'])
  })

  test('as Kubernetes does it: the folder behind ..data is swapped, and the old one removed', async () => {
    await mkdir(path)
    const version = async (name: string, username: string, password: string) => {
      await mkdir(join(path, name))
      await write(username, join(path, name, 'username'))
      await write(password, join(path, name, 'password'))
    }
    await version('..2026_01_01', 'alice', 'old')
    await symlink('..2026_01_01', join(path, '..data'))
    await symlink(join('..data', 'username'), join(path, 'username'))
    await symlink(join('..data', 'password'), join(path, 'password'))
    const { before, source, clock } = await after(async () => {
      await version('..2026_01_02', 'bob', 'new')
      await symlink('..2026_01_02', join(path, '..data_tmp'))
      await rename(join(path, '..data_tmp'), join(path, '..data'))
      await rm(join(path, '..2026_01_01'), { recursive: true })
    })
    expect(before).toBe('old')
    expect(await login(source).credentials).toEqual({ username: 'bob', password: 'new' })
    expect(clock.keepingAlive).toBe(0)
  })

  test('a half-written file is never used: the last good one, and the whole one when it is whole', async () => {
    await write(json('old'))
    const { now, source, clock } = await after(async () => {
      await write(json('new').slice(0, -8))
    })
    expect(now).toBe('old')
    const [entry] = source.status().entries
    expect(entry).toMatchObject({ state: 'last-good', error: { code: 'CREDENTIALS_INVALID' } })
    await write(json('new'))
    await look(source, clock)
    expect(await accepted(source)).toBe('new')
  })

  test.each([
    ['truncated', () => truncate(path)],
    ['removed', () => rm(path)],
  ])('a file that is %s: the last good one', async (_, change) => {
    await write(json('old'))
    const { now } = await after(change)
    expect(now).toBe('old')
  })

  test('no change, no question', async () => {
    await write(json('old'))
    const clock = new ManualClock(Date.now())
    const source = cached(sourceOf({ clock }), { clock })
    await accepted(source)
    for (let second = 0; second < 10; second++) {
      clock.advance(1_000)
      // Two round trips to the file system are enough for a look.
      await read()
      await read()
    }
    expect(source.status().fetches).toBe(1)
  })
})
