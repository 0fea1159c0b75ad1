import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { type ConnectionInfo, type ScramLieName, scramServer } from '../../src/index.js'

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest()
const hmac = (key: Buffer, data: string) => createHmac('sha256', key).update(data).digest()

/** A client that finds r=, s= and i= anywhere, as many do, and checks nothing else. */
async function careless(lie: ScramLieName) {
  const exchange = scramServer({ users: { alice: 'secret' }, lie })({} as ConnectionInfo)
  const bare = 'n=alice,r=client'
  const reply = await exchange.respond(Buffer.from(`n,,${bare}`))
  const first = Buffer.from(('challenge' in reply && reply.challenge) || []).toString()
  const value = (name: string) => new RegExp(`(?:^|,)${name}=([^,]*)`).exec(first)?.[1] ?? ''
  const salted = pbkdf2Sync('secret', Buffer.from(value('s'), 'base64'), Number(value('i')), 32, 'sha256')
  const key = hmac(salted, 'Client Key')
  const withoutProof = `c=biws,r=${value('r')}`
  const signature = hmac(sha256(key), `${bare},${first},${withoutProof}`)
  const proof = Buffer.from(key.map((byte, index) => byte ^ (signature[index] ?? 0))).toString('base64')
  return exchange.respond(Buffer.from(`${withoutProof},p=${proof}`))
}

test('a client that ignores m= gets the proof of the server', async () => {
  const reply = await careless('mandatory-extension')
  expect(reply).toEqual({ challenge: expect.anything() })
})
