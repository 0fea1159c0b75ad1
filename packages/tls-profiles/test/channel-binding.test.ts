import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { endPointHash } from '../src/lib/connection/channel-binding.js'

/** Made by OpenSSL and scramp, see the file. */
const { cases } = JSON.parse(readFileSync(join(__dirname, '../../../vectors/scram-plus.json'), 'utf8')) as {
  cases: { name: string; binding: { base64: string; certificate: string } }[]
}

test.each(cases)('$name', ({ binding }) => {
  const certificate = Buffer.from(binding.certificate, 'base64')
  const hash = endPointHash(certificate)
  expect(
    createHash(hash ?? '')
      .update(certificate)
      .digest('base64'),
  ).toBe(binding.base64)
})

test('a certificate signed with Ed25519 has no hash of its own, and what is no certificate has none', () => {
  const sequence = (...parts: Buffer[]) => {
    const contents = Buffer.concat(parts)
    return Buffer.concat([Buffer.from([0x30, contents.length]), contents])
  }
  const ed25519 = Buffer.from([0x06, 0x03, 0x2b, 0x65, 0x70])
  expect(endPointHash(sequence(sequence(), sequence(ed25519)))).toBeUndefined()
  expect(endPointHash(Buffer.from('no certificate'))).toBeUndefined()
  expect(endPointHash(Buffer.alloc(0))).toBeUndefined()
})
