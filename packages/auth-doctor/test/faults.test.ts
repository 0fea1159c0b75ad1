import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as testserver from '@x/auth-testserver'
import { type Fault, passwordAuthenticator, startTestServer } from '@x/auth-testserver'
import type { FindingCode } from '../src/findings/table.js'
import { examine, passwordLogin, sentinel } from './support/doctor.js'

const { earlySuccess, challengeForever, nullChallenge, emptyChallenge, readyInsteadOfSuccess, errorOf } =
  testserver
const { fin, rst, randomBytes, frameOf2GiB, truncatedFrame, late } = testserver
const { silentBeforeAuthenticate, silentAfterAuthenticate, silentAfterResponse } = testserver

/** What there is without a fault: a server without TLS, which lets in who has the password. */
const none: FindingCode = 'TLS_NOT_OFFERED'
const atOnce = { delay: () => Promise.resolve() }

/** Each fault of the test server, and the verdict on it. */
const cases: Readonly<Record<string, readonly (readonly [Fault, FindingCode])[]>> = {
  earlySuccess: [
    [earlySuccess(), 'ANSWER_UNEXPECTED'],
    [earlySuccess({ message: 'READY' }), 'AUTHENTICATION_OFF'],
    [earlySuccess({ message: 'READY', at: 'response' }), 'UNEXPECTED_SUCCESS'],
    // Early or not: for PLAIN the success after one message is the success.
    [earlySuccess({ at: 'response' }), none],
  ],
  challengeForever: [[challengeForever(), 'UNEXPECTED_CHALLENGE']],
  nullChallenge: [[nullChallenge(), 'UNEXPECTED_CHALLENGE']],
  emptyChallenge: [[emptyChallenge(), 'UNEXPECTED_CHALLENGE']],
  readyInsteadOfSuccess: [[readyInsteadOfSuccess(), 'UNEXPECTED_SUCCESS']],
  errorOf: [
    [errorOf(0x0100), 'LOGIN_REFUSED'],
    [errorOf(0x0100, { at: 'startup' }), 'LOGIN_REFUSED'],
    [errorOf(0x0000), 'SERVER_ERROR'],
    [errorOf(0x000a), 'SERVER_ERROR'],
    [errorOf(0x1001, { at: 'startup' }), 'SERVER_ERROR'],
    [errorOf(0x1002, { at: 'startup' }), 'SERVER_ERROR'],
    [errorOf(0x2200), 'SERVER_ERROR'],
  ],
  fin: [
    [fin(), 'SERVER_CLOSED'],
    [fin({ at: 'startup' }), 'SERVER_CLOSED'],
    [fin({ at: 'connect' }), 'LISTENER_CLOSES'],
  ],
  rst: [
    [rst(), 'SERVER_RESET'],
    [rst({ at: 'startup' }), 'SERVER_RESET'],
  ],
  randomBytes: [
    [randomBytes(), 'FRAME_INVALID'],
    [randomBytes({ at: 'startup', length: 4_000_000 }), 'FRAME_INVALID'],
  ],
  frameOf2GiB: [
    [frameOf2GiB(), 'FRAME_TOO_LARGE'],
    [frameOf2GiB({ at: 'startup' }), 'FRAME_TOO_LARGE'],
  ],
  truncatedFrame: [
    [truncatedFrame(), 'FRAME_CUT'],
    [truncatedFrame({ bytes: 11 }), 'FRAME_CUT'],
    [truncatedFrame({ at: 'startup', end: 'fin' }), 'FRAME_CUT'],
    [truncatedFrame({ at: 'startup', end: 'rst' }), 'SERVER_RESET'],
  ],
  late: [
    [late(1_000, atOnce), none],
    [
      late(1_000, {
        delay: (_, signal) => new Promise((resolve) => signal.addEventListener('abort', resolve)),
      }),
      'SERVER_SILENT',
    ],
  ],
  silentBeforeAuthenticate: [[silentBeforeAuthenticate(), 'SERVER_SILENT']],
  silentAfterAuthenticate: [[silentAfterAuthenticate(), 'SERVER_SILENT']],
  silentAfterResponse: [[silentAfterResponse(), 'SERVER_SILENT']],
}

/** All that its folder of faults exports and that makes one. */
function faultsOfTheServer(): string[] {
  const folder = join(__dirname, '../../auth-testserver/src/faults')
  return readdirSync(folder).flatMap((file) =>
    Object.entries(require(join(folder, file)) as Record<string, unknown>)
      .filter(([name, value]) => typeof value === 'function' && name in testserver && name !== 'seededBytes')
      .map(([name]) => name),
  )
}

test('each fault of the test server has its verdict here', () => {
  expect(Object.keys(cases).sort()).toEqual(faultsOfTheServer().sort())
})

const rows = Object.entries(cases).flatMap(([name, each]) =>
  each.map(([fault, code], index) => ({ name, index, fault, code })),
)

test.each(rows)('$name $index: $code', async ({ fault, code }) => {
  const server = await startTestServer({
    fault,
    authenticator: passwordAuthenticator({ users: { app: sentinel } }),
  })
  try {
    const report = await examine(server.port, { login: passwordLogin(), allowCleartext: true })
    expect(report.verdict.code).toBe(code)
    expect(report.exitCode).toBe(1)
  } finally {
    await server.stop()
  }
})
