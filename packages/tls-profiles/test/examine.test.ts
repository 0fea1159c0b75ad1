/** Which certificate is at fault: the server is asked, because Node.js does not say. */
import type { Socket } from 'node:net'
import { examineTlsError, mutual, type TlsDiagnosis, type TlsProfile, verifyServer } from '../src/index.js'
import { type Authority, createAuthority, type Issued, selfSigned } from './support/certificates.js'
import { connectClient } from './support/driver.js'
import { closeAll, plainServer, tlsServer } from './support/servers.js'

const past = {
  validFrom: new Date(Date.now() - 9e7),
  validTo: new Date(Math.floor(Date.now() / 1000) * 1000 - 1e6),
}
let ca: Authority
const made: TlsProfile[] = []
beforeAll(async () => {
  ca = await createAuthority()
})
afterEach(async () => {
  for (const profile of made.splice(0)) profile.close()
  await closeAll()
})

async function examine(own: Issued, sent = '', options: object = {}): Promise<TlsDiagnosis | undefined> {
  const server = await tlsServer({ cert: own.cert + sent, key: own.key })
  const profile = verifyServer({ ca: ca.cert, ...options })
  made.push(profile)
  const { error } = await connectClient(server.port, profile)
  const found = await examineTlsError(error, profile)
  expect(found?.endpoints).toEqual([`127.0.0.1:${server.port}`])
  expect(found?.text).toContain(found?.summary)
  return found
}

test('an expired certificate: which one, and since when', async () => {
  const found = await examine(await ca.issue(past))
  expect(found).toMatchObject({ code: 'SERVER_CERTIFICATE_EXPIRED', certificate: { name: 'CN=node' } })
  expect(found?.certificate?.validTo).toEqual(past.validTo)
  expect(found?.summary).toContain(past.validTo.toISOString())
})

test('an expired certificate in the chain of a valid one', async () => {
  const between = await ca.intermediate('Between', past)
  const found = await examine(await between.issue(), between.cert)
  expect(found).toMatchObject({ code: 'SERVER_CERTIFICATE_EXPIRED', certificate: { name: 'CN=Between' } })
})

test('our root has expired', async () => {
  const old = await createAuthority('Old CA', past)
  const found = await examine(await old.issue(), '', { ca: [ca.cert, old.cert] })
  expect(found).toMatchObject({ code: 'SERVER_CERTIFICATE_EXPIRED', certificate: { name: 'CN=Old CA' } })
  expect(found?.summary).toContain('Your CA')
})

test('a certificate that is valid from tomorrow on', async () => {
  const validFrom = new Date(Math.floor(Date.now() / 1000) * 1000 + 9e7)
  const found = await examine(await ca.issue({ validFrom }))
  expect(found?.code).toBe('SERVER_CERTIFICATE_NOT_YET_VALID')
  expect(found?.summary).toContain(validFrom.toISOString())
})

test('an unknown CA is named', async () => {
  const other = await createAuthority('Other CA')
  const found = await examine(await other.issue())
  expect(found).toMatchObject({ code: 'UNKNOWN_CA', certificate: { issuer: 'CN=Other CA' } })
  expect(found?.summary).toContain('CN=Other CA')
})

test('a self-issued certificate is named', async () => {
  const found = await examine(await selfSigned())
  expect(found).toMatchObject({ code: 'SELF_SIGNED', certificate: { name: 'CN=alone' } })
})

test('the server is not asked for what is already known', async () => {
  const found = await examine(await ca.issue({ names: ['other.example'] }))
  expect(found).toMatchObject({ code: 'NAME_MISMATCH', certificate: { names: ['other.example'] } })
})

const expiredAt = (port: number) =>
  Object.assign(new Error('all hosts'), {
    innerErrors: { [`127.0.0.1:${port}`]: Object.assign(new Error('expired'), { code: 'CERT_HAS_EXPIRED' }) },
  })

test.each<[string, (socket: Socket) => unknown]>([
  ['says nothing', () => undefined],
  ['closes', (socket) => socket.destroy()],
  ['does not speak TLS', (socket) => socket.write('SSH-2.0-x\r\n')],
])('with a server that %s, the diagnosis stays the same', async (_, onConnection) => {
  const { port } = await plainServer(onConnection)
  const found = await examineTlsError(expiredAt(port), null, { timeoutMs: 200 })
  expect(found).toMatchObject({ code: 'SERVER_CERTIFICATE_EXPIRED', certificate: undefined })
})

test('only the handshake is sent, without our certificate', async () => {
  const own = await ca.issue(past)
  const server = await tlsServer({
    cert: own.cert,
    key: own.key,
    ca: ca.cert,
    requestCert: true,
    rejectUnauthorized: false,
  })
  const sent: unknown[] = []
  server.server.on('secureConnection', (socket) => socket.on('data', (data: Buffer) => sent.push(data)))
  const closed = new Promise((resolve) => {
    server.server.once('connection', (socket) => socket.once('close', resolve))
  })
  const me = await ca.issue()
  const profile = mutual({ ca: ca.cert, cert: me.cert, key: me.key, watch: false })
  expect((await examineTlsError(expiredAt(server.port), profile))?.certificate).toBeDefined()
  await closed
  expect(sent).toEqual([])
  expect(server.clients.filter((name) => name !== undefined)).toEqual([])
})

test('an error that has nothing to do with TLS, and wrong options', async () => {
  expect(await examineTlsError(new Error('unrelated'))).toBeUndefined()
  await expect(examineTlsError(expiredAt(1), null, { timeoutMs: null as never })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  })
})
