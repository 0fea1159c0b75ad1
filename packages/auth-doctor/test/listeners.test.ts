import type { FindingCode } from '../src/findings/table.js'
import type { Listener } from '../src/report.js'
import { codesOf, examine, passwordLogin } from './support/doctor.js'
import { stranger, strangers } from './support/strangers.js'

const codes: Readonly<Record<string, FindingCode>> = {
  http: 'LISTENER_HTTP',
  ssh: 'LISTENER_SSH',
  redis: 'LISTENER_REDIS',
  postgres: 'LISTENER_POSTGRES',
  mysql: 'LISTENER_MYSQL',
  'smtp or ftp': 'LISTENER_MAIL_OR_FTP',
  thrift: 'LISTENER_THRIFT',
  unknown: 'LISTENER_UNKNOWN',
  silent: 'LISTENER_SILENT',
  closes: 'LISTENER_CLOSES',
  resets: 'LISTENER_RESETS',
  'resets at once': 'LISTENER_RESETS',
  floods: 'LISTENER_FLOODS',
}

describe('what is no Cassandra is named', () => {
  test.each(Object.entries(strangers))('%s', async (name, greet) => {
    await using server = await stranger(greet)
    const report = await examine(server.port, { login: passwordLogin(), allowCleartext: true })
    expect(report.verdict.code).toBe(codes[name])
    expect(report.listener).toBe(name.replace(' at once', '') as Listener)
    expect(report.exitCode).toBe(1)
  })
})

describe('the way to the port', () => {
  const unreachable = async (error: Partial<NodeJS.ErrnoException>) => {
    const lookup = () => Promise.reject(Object.assign(new Error('no address'), error))
    return examine(9042, { target: { host: 'cassandra.invalid', port: 9042 } }, { lookup })
  }

  test.each([
    ['ENOTFOUND', 'HOST_NOT_FOUND'],
    ['EAI_AGAIN', 'HOST_LOOKUP_FAILED'],
  ])('%s of the DNS is %s', async (code, expected) => {
    const report = await unreachable({ code })
    expect([report.verdict.code, report.exitCode]).toEqual([expected, 2])
  })

  test('a DNS that never answers is HOST_LOOKUP_FAILED', async () => {
    const report = await examine(
      9042,
      { target: { host: 'cassandra.invalid', port: 9042 } },
      { lookup: () => new Promise(() => {}) },
    )
    expect(report.verdict.code).toBe('HOST_LOOKUP_FAILED')
  })

  test('a port where nothing listens is PORT_REFUSED, exit code 2', async () => {
    const server = await stranger(() => {})
    await server[Symbol.asyncDispose]()
    const report = await examine(server.port)
    expect([report.verdict.code, report.exitCode]).toEqual(['PORT_REFUSED', 2])
  })

  test('one address of two that refuses is a warning beside the rest', async () => {
    await using server = await stranger(strangers['http'] as never)
    const lookup = async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '127.0.0.2', family: 4 },
    ]
    const report = await examine(
      server.port,
      { target: { host: 'two.invalid', port: server.port } },
      { lookup },
    )
    expect(codesOf(report)).toEqual(['LISTENER_HTTP', 'ADDRESS_DOWN'])
  })
})

test('a run that has no connection left says so, and has looked at the rest', async () => {
  await using server = await stranger(strangers['silent'] as never)
  const report = await examine(server.port, { timeoutMs: 3_000 })
  expect(codesOf(report)).toContain('LIMIT_REACHED')
})
