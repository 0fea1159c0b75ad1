/** Providers and TLS profiles that break one promise about connections. */
import type { TLSSocket } from 'node:tls'
import { BaseAuthProvider, type DriverAuthProvider, plain } from '@x/auth-core/base'
import { plainServer, saslAuthenticator, scramServer } from '@x/auth-testserver'
import { verifyServer } from '@x/tls-profiles'
import type { ConnectionSubject, ServerLie } from '../../src/connection/subject.js'
import type { ProviderScenario } from '../../src/subject.js'
import { ReferencePlus } from './mechanism-channel-binding.js'
import type { Mutant } from './mutant.js'
import { passwordAccount, usersOf } from './password-accounts.js'
import { type Place, ReferenceScram } from './scram-reference.js'

class ReferenceProvider extends BaseAuthProvider<unknown> {}

interface Listener {
  refused(code: number | undefined, message: string): void
  lost(known: boolean): void
}

interface Record {
  /** The reader, by which a client recognizes its own connections. */
  reader: object
  successToken: Uint8Array | null | undefined
  claim(endpoint: string, listener: Listener): boolean
  onClose(closed: () => void): void
  channelBinding(type: string): Uint8Array | null
}

type Reader = {
  [makeReader]: true
  buffer: unknown
  callback(this: TLSSocket, bytes: number, buffer: Uint8Array): boolean
}
type Profile = { onread: Reader; [makeReader]: (unasked?: unknown) => Reader }
const makeReader: unique symbol = Symbol.for('@x/tls:reader') as never

/** The first profile that reads a connection makes it. */
const delivery = () =>
  (globalThis as unknown as { [deliveryKey]: { current: Record | undefined } })[deliveryKey]
const deliveryKey: unique symbol = Symbol.for('@x/tls:connection') as never

/** The wrong properties of the record of a socket. `frame`: the bytes that the driver gets. */
type Flaw = (record: Record, socket: TLSSocket, frame: () => Buffer) => Partial<Record>

/**
 * Options whose records have the flaw. The driver gets its bytes by the socket's `push`, and at that moment logins look
 * for a record.
 */
function flawed(options: object, flaw: Flaw): object {
  const through = (given: Reader): Reader => {
    const reader: Reader = {
      [makeReader]: true,
      buffer: given.buffer,
      callback(bytes, buffer) {
        if (!Object.hasOwn(this, 'push')) {
          showFlawed(this, (record, frame) => Object.assign(flaw(record, this, frame), { reader }))
        }
        return given.callback.call(this, bytes, buffer)
      },
    }
    return reader
  }
  const profile = options as Profile
  return {
    ...profile,
    onread: through(profile.onread),
    [makeReader]: (unasked?: unknown) => through(profile[makeReader](unasked)),
  }
}

function showFlawed(socket: TLSSocket, flaw: (record: Record, frame: () => Buffer) => Partial<Record>): void {
  const { push } = socket
  let shown: Record | undefined
  let frame: Buffer
  socket.push = (chunk: unknown) => {
    const { current } = delivery()
    frame = chunk as Buffer
    if (current) {
      shown ??= withFlaw(
        current,
        flaw(current, () => frame),
      )
      delivery().current = shown
    }
    return push.call(socket, chunk)
  }
}

/** Its private fields need the record itself as `this`. */
function withFlaw(record: Record, changes: Partial<Record>): Record {
  return new Proxy(record, {
    get(target, key) {
      const from = Object.hasOwn(changes, key) ? changes : target
      const value: unknown = Reflect.get(from, key)
      return typeof value === 'function' ? value.bind(from) : value
    },
  })
}

const lies = { 'wrong proof': 'signature-wrong', 'no proof': 'signature-missing' } as const

function scram(
  name: string,
  mechanism: { readonly name: string },
  changes: Partial<ConnectionSubject> & {
    readonly flaw?: Flaw
    readonly serverVerification?: 'when-sent'
  } = {},
): ConnectionSubject {
  const { flaw, serverVerification, ...rest } = changes
  const bound = mechanism.name.endsWith('-PLUS')
  return {
    kind: 'connection',
    name,
    traits: { mutual: true, bound },
    account: passwordAccount,
    server: (accounts, lie?: ServerLie) =>
      saslAuthenticator(
        scramServer({
          users: usersOf(accounts),
          mechanism: mechanism.name as 'SCRAM-SHA-256',
          proofIn: 'success',
          ...(lie && { lie: lies[lie] }),
        }),
      ),
    create: (scenario) =>
      provider(mechanism, scenario, { ...(serverVerification && { serverVerification }) }),
    sslOptions: (ca) => (flaw ? flawed(verifyServer({ ca }), flaw) : verifyServer({ ca })),
    ...rest,
  }
}

function provider(
  mechanism: { readonly name: string },
  { credentials, deadlineMs }: ProviderScenario,
  more: object = {},
): DriverAuthProvider {
  const options = { mechanisms: [mechanism], credentials, deadlineMs, ...more }
  return new ReferenceProvider(options as never)
}

/** Sends the password, so that there is a secret that could be kept. */
function readable(name: string, flaw?: Flaw): ConnectionSubject {
  return {
    ...scram(name, plain, { ...(flaw && { flaw }) }),
    traits: { mutual: false, bound: false },
    server: (accounts) => saslAuthenticator(plainServer({ users: usersOf(accounts) })),
  }
}

function mutant(
  breaks: string,
  flaw: string,
  changes: Parameters<typeof scram>[2],
  mechanism: { readonly name: string } = new ReferenceScram(),
) {
  return { breaks, subject: scram(`${breaks}: ${flaw}`, mechanism, changes) }
}

type Unasked = (endpoint: string) => Error

/** Watches only servers whose first message is not READY. */
function readyIsWelcome(careless: Reader, careful: Reader): Reader {
  return {
    [makeReader]: true,
    buffer: careful.buffer,
    callback(bytes, buffer) {
      // The first reader keeps the record.
      const reader = buffer[4] === ready ? careless : careful
      return reader.callback.call(this, bytes, buffer)
    },
  }
}

/** Leaves a server whose READY begins a frame, if the length of each header follows its own version. */
function eachByItsVersion(reader: Reader, unasked: Unasked): Reader {
  const answered = new WeakSet<TLSSocket>()
  return {
    [makeReader]: true,
    buffer: reader.buffer,
    callback(bytes, buffer) {
      const chunk = Buffer.from(buffer).subarray(0, bytes)
      if (!answered.has(this) && opcodesOf(chunk).includes(ready)) {
        this.destroy(unasked(`${this.remoteAddress}:${this.remotePort}`))
        return true
      }
      answered.add(this)
      return reader.callback.call(this, bytes, buffer)
    },
  }
}

const ready = 0x02

function opcodesOf(chunk: Buffer): number[] {
  const found: number[] = []
  for (let at = 0; at + 9 <= chunk.length; ) {
    const size = ((chunk[at] as number) & 0x7f) < 3 ? 8 : 9
    found.push(chunk[at + size - 5] as number)
    at += size + chunk.readUInt32BE(at + size - 4)
  }
  return found
}

const plusByCertificate = () => new ReferencePlus('tls-server-end-point')
const kept: object[] = []

export const connectionMutants: readonly Mutant[] = [
  mutant('CONN-01', 'sees no token on TLS 1.2', {
    flaw: (record, socket) => ({
      get successToken() {
        return socket.getProtocol() === 'TLSv1.2' ? undefined : record.successToken
      },
    }),
  }),
  mutant(
    'CONN-02',
    'takes any signature for the right one',
    {},
    new (class extends ReferenceScram {
      override signature(text: string, expected: Uint8Array, place: Place): Uint8Array {
        super.signature(text, expected, place)
        return expected
      }
    })(),
  ),
  mutant('CONN-03', 'needs no proof where none is seen', { serverVerification: 'when-sent' }),
  mutant('CONN-04', 'takes what stands first in a body for the proof', {
    flaw: (record, _socket, frame) => ({
      get successToken() {
        return frame()[1] === 0 ? record.successToken : frame().subarray(9)
      },
    }),
  }),
  mutant('CONN-10', "drops the server's words", {
    flaw: (record) => ({
      claim: (endpoint, listener) =>
        record.claim(endpoint, {
          refused: (code) => listener.refused(code, ''),
          lost: (known) => listener.lost(known),
        }),
    }),
  }),
  mutant('CONN-11', 'tells its source nothing of how logins end', {
    create: (scenario) => {
      const source = scenario.credentials as (context: object) => unknown
      const deaf = (context: object) => source(Object.create(context, { observeLogin: { value: undefined } }))
      const credentials = typeof source === 'function' ? deaf : source
      return provider(new ReferenceScram(), { ...scenario, credentials })
    },
  }),
  mutant('CONN-12', 'does not hear of the end', {
    flaw: (record) => ({
      claim: (endpoint, listener) =>
        record.claim(endpoint, {
          refused: (code, message) => listener.refused(code, message),
          lost: () => undefined,
        }),
    }),
  }),
  mutant('CONN-20', 'lets a server let it in', {
    sslOptions(ca) {
      const profile = verifyServer({ ca }) as unknown as Profile
      const make = profile[makeReader]
      return {
        ...profile,
        [makeReader]: (unasked?: Unasked) => (unasked ? readyIsWelcome(make(), make(unasked)) : make()),
      }
    },
  }),
  mutant('CONN-21', 'does not hear that a connection is closed', {
    flaw: () => ({ onClose: () => undefined }),
  }),
  mutant('CONN-22', 'reads each frame by the version that it says', {
    sslOptions(ca) {
      const profile = verifyServer({ ca }) as unknown as Profile
      const make = profile[makeReader]
      return {
        ...profile,
        [makeReader]: (unasked?: Unasked) => (unasked ? eachByItsVersion(make(), unasked) : make()),
      }
    },
  }),
  mutant(
    'CONN-30',
    'binds to the certificate that the same port had first',
    {
      sslOptions(ca) {
        const first = new Map<unknown, Uint8Array | null>()
        return flawed(verifyServer({ ca }), (record, { remotePort }) => ({
          channelBinding(type) {
            if (!first.has(remotePort)) first.set(remotePort, record.channelBinding(type))
            return first.get(remotePort) ?? null
          },
        }))
      },
    },
    plusByCertificate(),
  ),
  mutant(
    'CONN-31',
    'binds to the certificate of the server that it knows',
    {
      sslOptions(ca) {
        let known: { readonly port: unknown; readonly binding: Uint8Array | null } | undefined
        return flawed(verifyServer({ ca }), (record, { remotePort }) => ({
          channelBinding(type) {
            known ??= { port: remotePort, binding: record.channelBinding(type) }
            return known.port === remotePort ? record.channelBinding(type) : known.binding
          },
        }))
      },
    },
    plusByCertificate(),
  ),
  mutant(
    'CONN-32',
    'goes on without a binding where there is none',
    {},
    new (class extends ReferencePlus {
      override binding(context: Parameters<ReferencePlus['binding']>[0]) {
        return context.channelBinding?.(this.type)
          ? super.binding(context)
          : { flag: 'n', data: Buffer.alloc(0) }
      }
    })('tls-server-end-point'),
  ),
  mutant('CONN-40', 'gives the record to anyone who asks first', {
    flaw: (record, socket) => ({
      claim: (_, listener) => record.claim(`${socket.remoteAddress}:${socket.remotePort}`, listener),
    }),
  }),
  {
    breaks: 'CONN-41',
    subject: readable('CONN-41: keeps what the client says', (record, socket) => {
      const said: unknown[] = []
      const { write } = socket
      socket.write = ((...given: Parameters<typeof write>) => {
        said.push(given[0])
        return write.apply(socket, given)
      }) as typeof write
      Object.assign(record, { said })
      return {}
    }),
  },
  mutant('CONN-42', 'keeps the records of all connections', {
    flaw(record) {
      kept.push(record)
      return {}
    },
  }),
]

export const connectionReferences = [
  scram('the reference on connections that are shown', new ReferenceScram()),
  scram('the reference on connections that are shown, bound', plusByCertificate()),
  readable('the reference with PLAIN on connections that are shown'),
]
