import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  anonymousServer,
  type ConnectionInfo,
  cramMd5Server,
  digestMd5Server,
  externalServer,
  type MechanismFactory,
  oauthBearerServer,
  plainServer,
  type Reply,
  scramServer,
} from '../../src/index.js'

type Message = string | { base64: string }

/** The part of a vector that a server side reads. The client's tests check which keys are allowed. */
interface Vector {
  name: string
  mechanism: string
  credentials: Record<string, string>
  exchange: { client?: Message; server?: Message }[]
  proof: 'none' | 'success' | 'challenge' | 'refused'
  server?: Record<string, unknown>
  binding?: { certificate: string }
}

/** Only a library of Kerberos can play its server side; `pretend-kerberos.test.ts` has the tests that are possible. */
const withoutServer = ['GSSAPI']

const folder = join(__dirname, '../../../../vectors')
const vectors = readdirSync(folder)
  .flatMap((file) => casesOf(file))
  // Other files have no exchange of a SASL mechanism.
  .filter(({ mechanism, exchange }) => exchange && mechanism && !withoutServer.includes(mechanism))
const mechanisms = [...new Set(vectors.map(({ mechanism }) => mechanism))]

function casesOf(file: string): readonly Vector[] {
  const { cases = [] } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { cases?: Vector[] }
  return cases
}

const connection: ConnectionInfo = {
  id: 1,
  address: '127.0.0.1',
  port: 9042,
  remoteAddress: '127.0.0.1',
  remotePort: 40_000,
  protocolVersion: 4,
  startupOptions: {},
}

/** The server that the vector was made with. */
function serverOf({ mechanism, credentials, server = {}, proof }: Vector): MechanismFactory {
  const { username = '', password = '', authorizationId, token = '' } = credentials
  const users = { [username]: password }
  const mayActAs = (_: string, role: string) => role === authorizationId
  const proofIn = proof === 'success' ? ('success' as const) : ('challenge' as const)
  switch (mechanism) {
    case 'SCRAM-SHA-1':
    case 'SCRAM-SHA-256':
    case 'SCRAM-SHA-512':
    case 'SCRAM-SHA-1-PLUS':
    case 'SCRAM-SHA-256-PLUS':
    case 'SCRAM-SHA-512-PLUS': {
      const { nonce, salt, iterations, extensions } = server as {
        nonce: string
        salt: string
        iterations: number
        extensions?: string
      }
      return scramServer({
        users: { [prepared(username)]: password },
        mayActAs,
        mechanism,
        proofIn,
        salt,
        iterations,
        nonce: () => nonce,
        ...(extensions && { extensions }),
      })
    }
    case 'DIGEST-MD5': {
      const { nonce, ...more } = server as { nonce: string; realms: string[] }
      return digestMd5Server({
        users,
        mayActAs,
        ...more,
        proofIn,
        nonce: () => nonce,
      })
    }
    case 'CRAM-MD5':
      return cramMd5Server({ users, challenge: () => String(server['challenge']) })
    case 'PLAIN':
      return plainServer({ users, mayActAs })
    case 'EXTERNAL':
      return externalServer({ mayActAs, ...server, identify: () => 'certified' })
    case 'ANONYMOUS':
      return anonymousServer(server)
    case 'OAUTHBEARER':
      return oauthBearerServer({
        mayActAs,
        tokens: proof === 'refused' ? {} : { [token]: 'bearer' },
        ...server,
      })
    default:
      throw new Error(
        `vectors/ has an exchange of ${mechanism}: add its server side to src/sasl and to serverOf here`,
      )
  }
}

/** The prepared form of a name. Servers store prepared names, and one name in the vectors is not in that form. */
const prepared = (username: string) => username.normalize('NFKC')

const bytesOf = (message: Message) =>
  typeof message === 'string' ? Buffer.from(message, 'utf8') : Buffer.from(message.base64, 'base64')

/** The connection of a server that shows the certificate of a vector. */
function shown({ binding }: Vector): Pick<ConnectionInfo, 'tls'> {
  if (!binding) return {}
  const ownCertificate = new X509Certificate(Buffer.from(binding.certificate, 'base64'))
  return { tls: { authorized: false, protocol: 'TLSv1.3', ownCertificate } }
}

/** Sends the client's messages to the server, and checks each answer except the last. */
async function replay(
  vector: Vector,
  change: (bytes: Buffer, index: number) => Buffer = (bytes) => bytes,
): Promise<Reply> {
  const exchange = serverOf(vector)({ ...connection, ...shown(vector) })
  const messages = [...vector.exchange]
  if (vector.proof === 'challenge') messages.push({ client: '' })
  let reply: Reply | undefined
  let index = 0
  for (const { client, server } of messages) {
    if (client !== undefined) {
      reply = await exchange.respond(change(bytesOf(client), index++))
      if ('failure' in reply) return reply
    } else if (server !== undefined) {
      const sent =
        reply && ('challenge' in reply ? reply.challenge : 'success' in reply ? reply.success : null)
      expect(Buffer.from(sent ?? []).toString('latin1')).toBe(bytesOf(server).toString('latin1'))
    }
  }
  return reply as Reply
}

const named = vectors.map((vector) => [vector.mechanism, vector.name, vector] as const)

describe('published exchanges, on the server side', () => {
  test.each(named)('%s: %s', async (_, __, vector) => {
    const { username = '', authorizationId, trace } = vector.credentials
    const reply = await replay(vector)
    if (vector.proof === 'refused') return expect(reply).toEqual({ failure: 'The token was refused' })
    const identity = {
      EXTERNAL: 'certified',
      ANONYMOUS: trace ? `anonymous:${trace}` : 'anonymous',
      OAUTHBEARER: 'bearer',
    }
    const fallback = identity[vector.mechanism as keyof typeof identity] ?? username
    expect(reply).toMatchObject({ username: authorizationId ?? fallback })
  })
})

describe('with the last message of the client changed', () => {
  const proving = named.filter(
    ([mechanism, , { proof }]) =>
      mechanism !== 'ANONYMOUS' && mechanism !== 'EXTERNAL' && proof !== 'refused',
  )
  test.each(proving)('%s: %s is refused', async (_, __, vector) => {
    const last = vector.exchange.filter(({ client }) => client !== undefined).length - 1
    const reply = await replay(vector, (bytes, index) => {
      if (index !== last) return bytes
      const proof = /(?<=,p=|response=|Bearer | (?=[0-9a-f]{32}$)|\0[^\0]{1,40}\0)./u.exec(
        bytes.toString('utf8'),
      )
      const at = Buffer.from(bytes.toString('utf8').slice(0, proof?.index ?? 0)).length
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from(bytes[at] === 0x61 ? 'b' : 'a'),
        bytes.subarray(at + 1),
      ])
    })
    if (vector.mechanism === 'OAUTHBEARER') expect(reply).toMatchObject({ challenge: expect.anything() })
    else expect(reply).toMatchObject({ failure: expect.any(String) })
  })
})

test.each(mechanisms)('a null token ends %s in the same way as in several servers in Java', async (name) => {
  const vector = vectors.find(({ mechanism }) => mechanism === name) as Vector
  expect(await serverOf(vector)(connection).respond(null)).toMatchObject({ code: 0x0000 })
})
