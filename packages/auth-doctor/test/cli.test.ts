import { PassThrough } from 'node:stream'
import { passwordAuthenticator, startTestServer } from '@x/auth-testserver'
import { findingTable } from '../src/findings/table.js'
import { main } from '../src/main.js'
import { parseTarget } from '../src/target.js'
import { expectNoSecret } from './support/checked.js'
import { temporaryFolder } from './support/folder.js'
import { sentinel } from './support/sentinel.js'
import { stranger, strangers } from './support/strangers.js'
import { turnClock } from './support/turn-clock.js'

const folder = temporaryFolder()
afterAll(() => folder.remove())

/** Runs the command as a process would, and returns what it printed. */
async function command(
  args: readonly string[],
  {
    environment = {},
    tty = false,
    typed = '',
  }: { environment?: NodeJS.ProcessEnv; tty?: boolean; typed?: string } = {},
) {
  const stream = () => Object.assign(new PassThrough(), { isTTY: tty })
  const [stdin, stdout, stderr] = [stream(), stream(), stream()]
  if (typed !== '') stdin.write(typed)
  const streams = { stdin, stdout, stderr, environment } as unknown as Parameters<typeof main>[1]
  const code = await main(args, streams, { clock: turnClock(), stepMs: 2_000 })
  const text = (each: PassThrough) => String(each.read() ?? '')
  const [out, err] = [text(stdout), text(stderr)]
  for (const said of [out, err]) {
    expectNoSecret(said)
    expect(said).not.toMatch(/\n\s+at /)
  }
  return { code, out, err }
}

async function withPasswords(use: (host: string) => Promise<void>) {
  const server = await startTestServer({ authenticator: passwordAuthenticator({ users: { app: sentinel } }) })
  try {
    await use(`127.0.0.1:${server.port}`)
  } finally {
    await server.stop()
  }
}

describe('wrong arguments are 64, and nothing is asked of a server', () => {
  test.each([
    [[]],
    [['a,b']],
    [['one', 'two']],
    [['cql://host']],
    [['host:0']],
    [['host:99999']],
    [['host', '--nodes', '2.5']],
    [['host', '--ca', __dirname]],
    [['host', '--ca', '/dev/null']],
    [['host', '--key', __filename, '--cert', '/dev/null']],
    [['host', '--username', '']],
    [['host', '--servername', '']],
    [['host', '--ca', '']],
    [['config', '/does/not/exist.mjs']],
    [['config', __dirname]],
    [['host', '--username', 'app', '--password-file', '/dev/zero']],
    [['::1:9042:x']],
    [['host', '--nonsense']],
    [['host', '--cert', __filename]],
    [['host', '--ca', '/does/not/exist']],
    [['host', '--timeout', 'soon']],
    [['host', '--timeout', '0']],
    [['host', '--nodes', '-1']],
    [['host', '--module', 'perl']],
    [['host', '--sigv4', '--username', 'app']],
    [['host', '--mechanism', 'SCRAM-SHA-256']],
    [['host', '--password-file', __filename]],
    [['host', '--bundle', __filename]],
    [['--bundle', '/does/not/exist.zip']],
    [['--bundle', __filename, '--ca', __filename]],
    [['--bundle', __filename, '--servername', 'name']],
    [['--bundle', __filename, '--sigv4']],
    [['explain']],
    [['explain', 'NO_SUCH_CODE']],
    [['config']],
  ])('%j', async (args) => {
    const { code, out, err } = await command(args)
    expect({ code, out }).toEqual({ code: 64, out: '' })
    expect(err).toMatch(/^auth-doctor: .+\n$/)
  })

  test('a password as an argument is refused, and not repeated', async () => {
    const { code, err } = await command(['host', '--username', 'app', '--password', sentinel])
    expect(code).toBe(64)
    expect(err).toContain('--password-file')
    expect(await command(['host', `--password=${sentinel}`])).toMatchObject({ code: 64 })
    expect(await command(['host', `-p${sentinel}`])).toMatchObject({ code: 64 })
    expect(await command(['host', '--pass', sentinel])).toMatchObject({ code: 64 })
  })

  test.each([
    `app:${sentinel}@host`,
    `app:${sentinel}@host:9042`,
    `//app:${sentinel}@host`,
    `cql://app:${sentinel}@host`,
    `host:${sentinel}`,
    `host/${sentinel}`,
  ])('nor one that is written with the host: %#', async (host) => {
    expect((await command([host])).code).toBe(64)
  })

  test('no terminal and no password', async () => {
    const { code, err } = await command(['host', '--username', 'app'])
    expect([code, err.includes('AUTH_DOCTOR_PASSWORD')]).toEqual([64, true])
  })
})

describe('the password comes from', () => {
  const login = ['--username', 'app', '--allow-cleartext', '--json']

  test('a file, whose line break is none of it', () =>
    withPasswords(async (host) => {
      const { out } = await command([
        host,
        ...login,
        '--password-file',
        folder.write('password', `${sentinel}\n`),
      ])
      expect(JSON.parse(out).login.outcome).toBe('success')
    }))

  test('the environment', () =>
    withPasswords(async (host) => {
      const { out } = await command([host, ...login], { environment: { AUTH_DOCTOR_PASSWORD: sentinel } })
      expect(JSON.parse(out).login.outcome).toBe('success')
    }))

  test.each(['\x03', '\x04', 'half\x03'])('a terminal, where %j ends the command', (typed) =>
    withPasswords(async (host) => {
      const { code, out, err } = await command([host, ...login], { tty: true, typed })
      expect([code, out]).toEqual([64, ''])
      expect(err).toContain('No password was given.')
      expect(err).not.toContain('half')
    }),
  )

  test('a terminal, which does not show it', () =>
    withPasswords(async (host) => {
      const { out, err } = await command([host, ...login], { tty: true, typed: `${sentinel}\n` })
      expect(JSON.parse(out).login.outcome).toBe('success')
      expect(err).toContain('Password of app: ')
    }))
})

describe('what is printed', () => {
  test('plain when piped, and when NO_COLOR says so; with colours in a terminal', async () => {
    await using server = await stranger(strangers['http'] as never)
    const args = [`127.0.0.1:${server.port}`]
    expect((await command(args)).out).not.toContain('\x1b[')
    expect((await command(args, { tty: true, environment: { NO_COLOR: '1' } })).out).not.toContain('\x1b[')
    const { code, out, err } = await command(args, { tty: true })
    expect(out).toContain('\x1b[')
    expect(err).toContain('asking what listens')
    expect(code).toBe(1)
  })

  test('explain: every code', async () => {
    for (const code of Object.keys(findingTable))
      expect((await command(['explain', code])).out).toMatch(new RegExp(`^${code} `))
  })

  test('help and version', async () => {
    expect((await command(['--help'])).out).toContain('Usage: auth-doctor HOST[:PORT]')
    expect((await command(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('HOST[:PORT]', () => {
  test.each([
    ['db.example', 'db.example', 9042],
    ['db.example:9142', 'db.example', 9142],
    ['10.0.0.1:9043', '10.0.0.1', 9043],
    ['::1', '::1', 9042],
    ['[::1]:9043', '::1', 9043],
    ['cassandra.eu-west-1.amazonaws.com', 'cassandra.eu-west-1.amazonaws.com', 9142],
    ['mine.cassandra.cosmos.azure.com', 'mine.cassandra.cosmos.azure.com', 10_350],
  ])('%s', (text, host, port) => {
    expect(parseTarget(text)).toEqual({ host, port })
  })
})
