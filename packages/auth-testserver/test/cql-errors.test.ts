import type { TestServer } from '../src/index.js'
import { CqlError, cqlErrors, errorOf, startTestServer } from '../src/index.js'
import { connectError, stockClient } from './support/driver.js'
import { errorOf as decodeError, RawClient, startup } from './support/raw-client.js'

/** The exact bytes after the message, with the default fields (§9 of native_protocol_v4.spec). */
const quorum = '00010000000100000002'
const extras = new Map([
  [0x1000, '00010000000200000001'],
  [0x1100, `${quorum}000653494d504c45`],
  [0x1200, `${quorum}00`],
  [0x1300, `${quorum}0000000100`],
  [0x1400, '00036170700002666e00010003696e74'],
  [0x1500, `${quorum}00000001000653494d504c45`],
  [0x1700, quorum],
  [0x2400, '000361707000057573657273'],
  [0x2500, `0010${'00'.repeat(16)}`],
])
const codes = [...cqlErrors.keys()]
const named = codes.map((code): [string, number] => [`0x${code.toString(16).padStart(4, '0')}`, code])

let server: TestServer
afterEach(() => server?.stop())

test('the table has every code of the protocol', () => {
  expect(named.map(([name]) => name)).toEqual([
    ...['0x0000', '0x000a', '0x0100', '0x1000', '0x1001', '0x1002', '0x1003', '0x1100', '0x1200', '0x1300'],
    ...['0x1400', '0x1500', '0x1600', '0x1700', '0x2000', '0x2100', '0x2200', '0x2300', '0x2400', '0x2500'],
  ])
  expect(() => new CqlError(1)).toThrow(RangeError)
})

test.each(named)('%s has the body of the specification, and the driver reads it', async (_, code) => {
  server = await startTestServer({ fault: errorOf(code, { at: 'startup', message: 'x' }) })
  const client = await RawClient.open(server)
  const frame = await client.write(startup()).frame()
  const { message, rest } = decodeError(frame)
  expect(message).toBe('x')
  expect(frame.body.readInt32BE(0)).toBe(code)
  expect(rest.toString('hex')).toBe(extras.get(code) ?? '')
  client.close()
  const error = await connectError(stockClient(server, { protocolOptions: { maxVersion: 4 } }))
  expect(error).toMatchObject({ name: 'ResponseError', code })
})

test('fields and message can be chosen', async () => {
  const fields = { keyspace: 'ks', functionName: 'f', argumentTypes: ['text', 'int'] }
  server = await startTestServer({
    query: (cql) => {
      if (cql === 'one') throw new CqlError(0x1400, 'failed', fields)
      if (cql === 'two') throw new CqlError(0x2400, undefined, { keyspace: 'ks', table: '' })
      if (cql === 'three') throw new TypeError('a mistake in the hook')
      return undefined
    },
  })
  const client = stockClient(server)
  await client.connect()
  const failing = (cql: string) => client.execute(cql).catch((error: unknown) => error)
  expect(await failing('one')).toMatchObject({
    code: 0x1400,
    message: 'failed',
    functionName: 'f',
    argTypes: ['text', 'int'],
  })
  expect(await failing('two')).toMatchObject({ code: 0x2400, keyspace: 'ks' })
  expect(await failing('three')).toMatchObject({ code: 0x0000, message: 'TypeError: a mistake in the hook' })
  await client.shutdown()
})
