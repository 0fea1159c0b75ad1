import { createHash } from 'node:crypto'
import type { Fault, TestServer, TestServerOptions } from '../src/index.js'
import {
  challengeForever,
  earlySuccess,
  emptyChallenge,
  errorOf,
  fin,
  frameOf2GiB,
  late,
  nullChallenge,
  passwordAuthenticator,
  randomBytes,
  readyInsteadOfSuccess,
  rst,
  silentAfterAuthenticate,
  silentAfterResponse,
  silentBeforeAuthenticate,
  startTestServer,
  truncatedFrame,
} from '../src/index.js'
import { connectError, loginClient, stockClient, users } from './support/driver.js'
import { authResponse, errorOf as decodeError, query, RawClient, startup } from './support/raw-client.js'

const className = 'org.apache.cassandra.auth.PasswordAuthenticator'
const authenticate = Buffer.concat([Buffer.from('840000000300000031002f', 'hex'), Buffer.from(className)])
const success = Buffer.from('840000001000000004ffffffff', 'hex')
const rightLogin = authResponse('\0alice\0secret')

let server: TestServer
let client: RawClient

async function serve(fault: TestServerOptions['fault']): Promise<void> {
  server = await startTestServer({
    authenticator: passwordAuthenticator({ users: { ...users, alice: 'secret' } }),
    ...(fault === undefined ? {} : { fault }),
  })
  client = await RawClient.open(server)
}

/** Checks that nothing more was sent, and that the connection is open: a round trip on another connection shows it. */
async function expectSilence(): Promise<void> {
  const struck = server.connections
  await new Promise<void>((resolve) => setImmediate(resolve))
  expect(client.received).toHaveLength(0)
  expect(client.ended).toBe(false)
  expect(server.connections).toBe(struck)
}

afterEach(async () => {
  client?.close()
  await server.stop()
})

describe('the exact bytes of each fault', () => {
  test('none: AUTHENTICATE is 58 bytes, AUTH_SUCCESS 13', async () => {
    await serve(undefined)
    expect(await client.write(startup()).take(58)).toEqual(authenticate)
    expect(await client.write(rightLogin).take(13)).toEqual(success)
  })

  test('silentBeforeAuthenticate: 0 bytes', async () => {
    await serve(silentBeforeAuthenticate())
    const struck = server.waitFor('fault')
    client.write(startup())
    expect(await struck).toMatchObject({ fault: 'silentBeforeAuthenticate', point: 'startup', round: 0 })
    await expectSilence()
  })

  test('silentAfterAuthenticate: AUTHENTICATE, then 0 bytes; the authenticator is not asked', async () => {
    await serve(silentAfterAuthenticate())
    const struck = server.waitFor('fault')
    expect(await client.write(startup()).take(58)).toEqual(authenticate)
    client.write(rightLogin)
    expect(await struck).toMatchObject({ point: 'response', round: 1 })
    await expectSilence()
    expect(server.logins).toEqual([])
  })

  test('silentAfterResponse: the authenticator is asked, 0 bytes follow, now and later', async () => {
    await serve(silentAfterResponse())
    const asked: number[] = []
    server.setAuthenticator({
      name: className,
      newExchange: () => ({
        respond: () => {
          asked.push(1)
          return { success: null, username: 'alice' }
        },
      }),
    })
    client.close()
    client = await RawClient.open(server)
    await client.write(startup()).take(58)
    const first = server.waitFor('fault')
    client.write(rightLogin)
    await first
    const second = server.waitFor('fault')
    client.write(rightLogin)
    await second
    expect(asked).toHaveLength(1)
    await expectSilence()
    expect(server.logins).toEqual([])
  })

  test('silentAfterResponse({ round: 2 }): the first round is regular', async () => {
    await serve(silentAfterResponse({ round: 2 }))
    await client.write(startup()).take(58)
    const refused = decodeError(await client.write(authResponse('\0alice\0wrong')).frame())
    expect(refused.code).toBe(0x0100)
    const struck = server.waitFor('fault')
    client.write(rightLogin)
    expect(await struck).toMatchObject({ round: 2 })
    await expectSilence()
  })

  test('late: the complete regular answer after the delay', async () => {
    let release = () => {}
    const asked: number[] = []
    const delay = (ms: number) =>
      new Promise<void>((resolve) => {
        asked.push(ms)
        release = resolve
      })
    await serve(late(30_000, { delay }))
    await client.write(startup()).take(58)
    const arrived = server.waitFor('authResponse')
    client.write(rightLogin)
    await arrived
    await expectSilence()
    expect(asked).toEqual([30_000])
    release()
    expect(await client.take(13)).toEqual(success)
    expect(server.logins).toHaveLength(1)
  })

  test('late: the real timer ends when the connection closes', async () => {
    await serve(late(2 ** 30))
    await client.write(startup()).take(58)
    const arrived = server.waitFor('authResponse')
    client.write(rightLogin)
    await arrived
    const closed = server.waitFor('close')
    client.close()
    await closed
  })

  test('fin: 0 bytes, then the end', async () => {
    await serve(fin())
    await client.write(startup()).take(58)
    expect(await client.write(rightLogin).rest()).toHaveLength(0)
    expect(client.error).toBeUndefined()
  })

  test.each([
    ['connect', 0],
    ['startup', 0],
    ['authenticate', 58],
  ] as const)('fin at %s: %i bytes, then the end', async (at, length) => {
    await serve(fin({ at }))
    if (at !== 'connect') client.write(startup())
    expect(await client.rest()).toHaveLength(length)
  })

  test('fin at challenge: after the challenge', async () => {
    await serve(fin({ at: 'challenge' }))
    server.setAuthenticator({
      name: 'A',
      newExchange: () => ({ respond: () => ({ challenge: Buffer.from('?') }) }),
    })
    client.close()
    client = await RawClient.open(server)
    client.write(startup(), rightLogin)
    const bytes = await client.rest()
    expect(bytes.subarray(-14).toString('hex')).toBe('840000000e00000005000000013f')
  })

  test.each(['startup', 'authenticate', 'response'] as const)('rst at %s: ECONNRESET', async (at) => {
    await serve(rst({ at }))
    client.write(startup())
    if (at !== 'startup') await client.take(58)
    if (at === 'response') client.write(rightLogin)
    await client.rest()
    expect(client.error?.code).toBe('ECONNRESET')
  })

  test('rst at connect: ECONNRESET as soon as the client reads', async () => {
    await serve(undefined)
    server.setFault(rst({ at: 'connect' }))
    const second = await RawClient.open(server).catch((error: unknown) => error)
    if (second instanceof RawClient) await second.rest()
    const error = second instanceof RawClient ? second.error : second
    expect(error).toMatchObject({ code: 'ECONNRESET' })
  })

  test('randomBytes: the same seed gives the same bytes', async () => {
    const block = (index: number) => createHash('sha256').update(`7:${index}`).digest()
    const expected = Buffer.concat([block(0), block(1), block(2)]).subarray(0, 70)
    await serve(randomBytes({ seed: 7, length: 70, at: 'startup' }))
    expect(await client.write(startup()).take(70)).toEqual(expected)
    await expectSilence()
  })

  test('frameOf2GiB: header with length 7fffffff, 64 bytes, then nothing', async () => {
    await serve(frameOf2GiB())
    await client.write(startup()).take(58)
    const expected = Buffer.concat([Buffer.from('84000000107fffffff', 'hex'), Buffer.alloc(64)])
    expect(await client.write(rightLogin).take(73)).toEqual(expected)
    await expectSilence()
  })

  test('frameOf2GiB in protocol v1: 8 bytes of header', async () => {
    await serve(undefined)
    await server.stop()
    server = await startTestServer({ protocolVersions: [1], fault: frameOf2GiB({ at: 'startup', sent: 0 }) })
    client = await RawClient.open(server)
    const v1Startup = Buffer.concat([Buffer.from('0100000100000016', 'hex'), startup().subarray(9)])
    expect((await client.write(v1Startup).take(8)).toString('hex')).toBe('810000027fffffff')
  })

  test('truncatedFrame: the first 5 bytes of the regular answer', async () => {
    await serve(truncatedFrame())
    await client.write(startup()).take(58)
    expect(await client.write(rightLogin).take(5)).toEqual(success.subarray(0, 5))
    await expectSilence()
  })

  test('truncatedFrame: never the whole frame; ends as `end` says', async () => {
    await serve(truncatedFrame({ at: 'startup', bytes: 1000, end: 'fin' }))
    expect(await client.write(startup()).rest()).toEqual(authenticate.subarray(0, 57))
  })

  test('truncatedFrame then rst: the bytes arrive before the reset', async () => {
    await serve(truncatedFrame({ at: 'startup', bytes: 11, end: 'rst' }))
    client.write(startup())
    expect(await client.take(11)).toEqual(authenticate.subarray(0, 11))
    await client.rest()
    expect(client.error?.code).toBe('ECONNRESET')
  })

  test.each([
    ['AUTH_SUCCESS, null token', earlySuccess(), '840000001000000004ffffffff'],
    ['AUTH_SUCCESS, token', earlySuccess({ token: Buffer.from('hi') }), '840000001000000006000000026869'],
    ['READY', earlySuccess({ message: 'READY' }), '840000000200000000'],
  ])('earlySuccess (%s): then the connection works', async (_, fault, hex) => {
    await serve(fault)
    expect((await client.write(startup()).take(hex.length / 2)).toString('hex')).toBe(hex)
    expect((await client.write(query('SELECT key FROM system.local')).frame()).opcode).toBe(0x08)
    expect(server.logins).toEqual([])
  })

  test('earlySuccess at response: a wrong password is accepted', async () => {
    await serve(earlySuccess({ at: 'response' }))
    await client.write(startup()).take(58)
    expect(await client.write(authResponse('\0alice\0wrong')).take(13)).toEqual(success)
  })

  test.each([
    ['four bytes', undefined, '840000000e00000008000000046d6f7265'],
    ['no bytes', new Uint8Array(0), '840000000e0000000400000000'],
    ['null', null, '840000000e00000004ffffffff'],
  ])('challengeForever (%s): the same challenge, each time', async (_, token, hex) => {
    await serve(challengeForever(token === undefined ? {} : { token }))
    await client.write(startup()).take(58)
    for (let round = 0; round < 50; round++) {
      expect((await client.write(rightLogin).take(hex.length / 2)).toString('hex')).toBe(hex)
    }
  })

  test.each([
    ['nullChallenge', nullChallenge(), '840000000e00000004ffffffff'],
    ['emptyChallenge', emptyChallenge(), '840000000e0000000400000000'],
  ])('%s: once, then the login goes on', async (_, fault, hex) => {
    await serve(fault)
    await client.write(startup()).take(58)
    expect((await client.write(rightLogin).take(13)).toString('hex')).toBe(hex)
    expect(await client.write(rightLogin).take(13)).toEqual(success)
  })

  test('readyInsteadOfSuccess: READY for the right password, the regular ERROR for a wrong one', async () => {
    await serve(readyInsteadOfSuccess())
    await client.write(startup()).take(58)
    expect(decodeError(await client.write(authResponse('\0alice\0wrong')).frame()).code).toBe(0x0100)
    expect((await client.write(rightLogin).take(9)).toString('hex')).toBe('840000000200000000')
    expect(server.logins).toMatchObject([{ username: 'alice' }])
  })

  test('a fault for one connection acts only there', async () => {
    await serve((connection) => (connection.id === 2 ? silentBeforeAuthenticate() : undefined))
    expect(await client.write(startup()).take(58)).toEqual(authenticate)
    client.close()
    client = await RawClient.open(server)
    const struck = server.waitFor('fault')
    client.write(startup())
    expect(await struck).toMatchObject({ connection: { id: 2 } })
  })

  test('setFault counts from the next connection on', async () => {
    await serve(undefined)
    server.setFault(silentBeforeAuthenticate())
    expect(await client.write(startup()).take(58)).toEqual(authenticate)
    server.setFault(undefined)
  })

  test('an error in a custom fault is sent to the client', async () => {
    await serve({
      name: 'broken',
      act: () => {
        throw new Error('oh no')
      },
    })
    // At `connect` there is no request yet, so the ERROR comes on stream 0.
    expect(decodeError(await client.frame())).toMatchObject({ code: 0x0000, message: 'Error: oh no' })
  })

  test('errorOf refuses an unknown code', () => {
    expect(() => errorOf(0x1234)).toThrow(RangeError)
  })
})

describe('the faults with the stock driver', () => {
  const cases: [string, Fault, Record<string, unknown>][] = [
    ['silentBeforeAuthenticate', silentBeforeAuthenticate(), { name: 'OperationTimedOutError' }],
    ['silentAfterAuthenticate', silentAfterAuthenticate(), { name: 'OperationTimedOutError' }],
    ['silentAfterResponse', silentAfterResponse(), { name: 'OperationTimedOutError' }],
    ['fin', fin(), { name: 'OperationTimedOutError' }],
    ['rst', rst(), { code: 'ECONNRESET' }],
    ['frameOf2GiB', frameOf2GiB(), { name: 'OperationTimedOutError' }],
    ['truncatedFrame', truncatedFrame(), { name: 'OperationTimedOutError' }],
    ['errorOf(0x0100)', errorOf(0x0100), { name: 'AuthenticationError' }],
    ['errorOf(0x1001)', errorOf(0x1001), { name: 'ResponseError', code: 0x1001 }],
  ]

  test.each(cases)('%s', async (_, fault, expected) => {
    server = await startTestServer({ authenticator: passwordAuthenticator({ users }), fault })
    // Only if the driver's time-out ends the login: otherwise a short time-out would measure the machine.
    const socketOptions = expected['name'] === 'OperationTimedOutError' ? { readTimeout: 250 } : {}
    const options = { socketOptions, protocolOptions: { maxVersion: 4 } }
    expect(await connectError(loginClient(server, undefined, options))).toMatchObject(expected)
  })

  test('with readyInsteadOfSuccess and earlySuccess it connects', async () => {
    for (const fault of [readyInsteadOfSuccess(), earlySuccess()]) {
      server = await startTestServer({ authenticator: passwordAuthenticator({ users }), fault })
      const driver = fault.name === 'readyInsteadOfSuccess' ? loginClient(server) : stockClient(server)
      await driver.connect()
      await driver.shutdown()
      await server.stop()
    }
  })
})
