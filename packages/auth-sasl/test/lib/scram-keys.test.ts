import type * as crypto from 'node:crypto'
import { Secret } from '@x/auth-core'
import { ScramKeys } from '../../src/lib/scram/scram-keys.js'

const sha256 = { hash: 'sha256', length: 32, block: 64 } as const

/** RFC 7677 §3. */
const authMessage = [
  'n=user,r=rOprNGfwEbeRWgbNEkqO',
  'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
].join()
const deriveKeys = () => ScramKeys.derive(sha256, new Secret('pencil'), 'W22ZaJ0SNY7soEsUEjb6gQ==', 4_096)

afterEach(() => jest.restoreAllMocks())

test('keys make the proof and the signature of RFC 7677, as often as needed', async () => {
  const keys = await deriveKeys()
  for (let login = 0; login < 2; login++) {
    expect(keys.clientProof(authMessage)).toBe('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=')
    expect(keys.serverSignature(authMessage)).toBe('6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')
  }
})

test('the salted password is wiped once the keys are made, also if that fails', async () => {
  const node: typeof crypto = jest.requireActual('node:crypto')
  const { createHmac } = node
  const used: Buffer[] = []
  const spy = jest.spyOn(node, 'createHmac').mockImplementation((hash, key, options) => {
    used.push(key as Buffer)
    return createHmac(hash, key, options)
  })
  await deriveKeys()
  spy.mockImplementation((_, key) => {
    used.push(key as Buffer)
    throw new Error('no memory')
  })
  await expect(deriveKeys()).rejects.toThrow('no memory')
  expect(used).toEqual(Array(3).fill(Buffer.alloc(32)))
})
