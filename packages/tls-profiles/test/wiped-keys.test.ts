/** What was read of a key does not stay in memory longer than it is needed. */
import crypto from 'node:crypto'
import fs from 'node:fs'
import tls from 'node:tls'
import { type TlsProfile, verifyClient } from '../src/index.js'
import { type Authority, createAuthority, type Issued } from './support/certificates.js'
import { fileWith, removeFolders } from './support/folder.js'
import { thrown } from './support/thrown.js'

let ca: Authority
let me: Issued
const made: TlsProfile[] = []
beforeAll(async () => {
  ca = await createAuthority()
  me = await ca.issue({ commonName: 'me', names: [] })
})
afterEach(() => {
  for (const profile of made.splice(0)) profile.close()
  jest.restoreAllMocks()
})
afterAll(removeFolders)

/** Every buffer with a key that OpenSSL or the reader of files gets, while it has the key. */
function watched(...keys: readonly Buffer[]) {
  const seen: { readonly from: string; readonly bytes: Buffer; readonly held: boolean }[] = []
  const note = (from: string, value: unknown) => {
    if (!Buffer.isBuffer(value)) return
    const held = from === 'context' ? value.includes('PRIVATE KEY') : keys.some((key) => value.includes(key))
    seen.push({ from, bytes: value, held })
  }
  const [createSecureContext, createPrivateKey] = [tls.createSecureContext, crypto.createPrivateKey]
  const { concat } = Buffer
  jest.spyOn(tls, 'createSecureContext').mockImplementation((options) => {
    note('context', options?.key)
    return createSecureContext(options)
  })
  jest.spyOn(crypto, 'createPrivateKey').mockImplementation((key) => {
    note('file', (key as { key?: unknown }).key)
    return createPrivateKey(key)
  })
  jest.spyOn(Buffer, 'concat').mockImplementation((list, size) => {
    for (const part of list) note('part', part)
    return concat.call(Buffer, list, size) as never
  })
  const { readSync } = fs
  jest.spyOn(fs, 'readSync').mockImplementation(((descriptor: number, chunk: Buffer) => {
    const size = readSync(descriptor, chunk)
    note('chunk', chunk)
    return size
  }) as typeof fs.readSync)
  return seen
}
const derKey = (issued: Issued) =>
  crypto.createPrivateKey(issued.key).export({ type: 'pkcs8', format: 'der' })

function expectWiped(seen: ReturnType<typeof watched>, ...expected: string[]): void {
  const held = seen.filter((each) => each.held)
  for (const from of expected) expect([from, held.some((each) => each.from === from)]).toEqual([from, true])
  for (const { from, bytes } of held) expect([from, bytes.every((byte) => byte === 0)]).toEqual([from, true])
}

test('while a profile is made', () => {
  const [cert, key] = [fileWith(me.cert), fileWith(derKey(me), 'tls.key')]
  const seen = watched(derKey(me))
  made.push(verifyClient({ cert, key, watch: false }))
  expectWiped(seen, 'context', 'file', 'part', 'chunk')
})

test('while its files are loaded again', async () => {
  const [cert, key] = [fileWith(me.cert), fileWith(derKey(me), 'tls.key')]
  const profile = verifyClient({ cert, key, watch: false })
  made.push(profile)
  const renewed = await ca.issue({ commonName: 'renewed', names: [] })
  fs.writeFileSync(cert, renewed.cert)
  fs.writeFileSync(key, derKey(renewed))
  const seen = watched(derKey(renewed))
  expect(await profile.reload()).toBe('rotated')
  expectWiped(seen, 'context', 'file', 'part')
})

test('and if it is refused', async () => {
  const other = await ca.issue()
  const [cert, key] = [fileWith(me.cert), fileWith(derKey(other), 'tls.key')]
  const seen = watched(derKey(me), derKey(other))
  expect(thrown(() => verifyClient({ cert, key })).code).toBe('KEY_MISMATCH')
  expectWiped(seen, 'file', 'chunk')
  seen.length = 0
  const right = fileWith(derKey(me), 'tls.key')
  expect(thrown(() => verifyClient({ cert, key: right, ciphers: 'NONE' })).code).toBe('CIPHERS_INVALID')
  expectWiped(seen, 'context', 'file')
})
