import type { Socket } from 'node:net'
import type { ConnectionInfo, ServerAuthenticator } from '../../authenticator.js'
import { allowAllAuthenticator } from '../../authenticator.js'
import { CqlError } from '../../cql-errors.js'
import type { Fault } from '../../fault.js'
import { inet } from '../wire/cql-types.js'
import type { Frame } from '../wire/frame.js'
import { ProtocolViolation } from '../wire/protocol.js'
import { BodyWriter } from '../wire/wire.js'
import type { Accepted, ChannelOptions } from './channel.js'
import { Channel } from './channel.js'
import type { LoginHost } from './login.js'
import { Login } from './login.js'
import type { SessionHost } from './session.js'
import { Session } from './session.js'

/** The parts of the server that a connection needs. */
export interface ConnectionHost extends ChannelOptions, SessionHost, Pick<LoginHost, 'loggedIn'> {
  /** The test's choice for this connection; may throw. */
  choose(connection: ConnectionInfo): { authenticator: ServerAuthenticator; fault: Fault | undefined }
}

/** One client: its channel, its login and its session. */
export class Connection {
  readonly #host: ConnectionHost
  readonly #channel: Channel
  readonly #login: Login
  readonly #session: Session
  #mistake: unknown

  constructor(host: ConnectionHost, accepted: Accepted, socket: Socket, reset: () => void) {
    this.#host = host
    this.#channel = new Channel(host, accepted, socket, reset)
    const { events, loggedIn } = host
    const chosen = this.#choose()
    this.#login = new Login(this.#channel, { events, loggedIn, ...chosen })
    this.#session = new Session(this.#channel, host, chosen.authenticator.supported)
  }

  get info(): ConnectionInfo {
    return this.#channel.info
  }

  /** Starts reading. Calls back when the connection is closed. */
  start(closed: () => void): void {
    this.#host.events.emit('connection', { connection: this.info })
    this.#channel.start({
      greet: () => this.#guarded(0, () => this.#login.connected()),
      handle: (frame) => this.#guarded(frame.stream, () => this.#dispatch(frame)),
      closed,
    })
  }

  end(how: 'fin' | 'rst' | 'destroy'): void {
    this.#channel.end(how)
  }

  /** Pushes a STATUS_CHANGE to a client that has registered for it: stream -1, §4.2.6. */
  announce(change: 'UP' | 'DOWN', address: string): void {
    if (!this.#session.registered.has('STATUS_CHANGE')) return
    const body = new BodyWriter()
      .string('STATUS_CHANGE')
      .string(change)
      .inet(inet(address), this.info.port)
      .done()
    this.#channel.send('EVENT', body, -1)
  }

  /** An error in the test's own function is sent to the client. The client must not hang, and the process must not end. */
  #choose(): { authenticator: ServerAuthenticator; fault: Fault | undefined } {
    try {
      return this.#host.choose(this.info)
    } catch (error) {
      this.#mistake = error ?? new Error('The choice of an authenticator or fault failed')
      return { authenticator: allowAllAuthenticator(), fault: undefined }
    }
  }

  /** Every thrown value becomes an ERROR. */
  async #guarded(stream: number, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!this.#channel.signal.aborted) this.#fail(error, stream)
    }
  }

  #fail(error: unknown, stream: number): void {
    const { code, message } = this.#answerError(error, stream)
    if (this.#login.stage !== 'ready') {
      this.#host.events.emit('refused', { connection: this.info, code, message })
    }
  }

  #answerError(error: unknown, stream: number): { code: number; message: string } {
    if (error instanceof ProtocolViolation) {
      this.#channel.answerViolation(new ProtocolViolation(error.message, { ...error.at, stream }))
      return { code: error.at.code ?? 0x000a, message: error.message }
    }
    const known = error instanceof CqlError ? error : new CqlError(0x0000, String(error))
    this.#channel.sendError(known.code, known.message, stream, known.fields)
    return known
  }

  async #dispatch(frame: Frame): Promise<void> {
    if (this.#mistake !== undefined) throw this.#mistake
    this.#checkStage(frame)
    switch (frame.type) {
      case 'STARTUP':
        return this.#login.startup(frame)
      case 'AUTH_RESPONSE':
        return this.#login.authResponse(frame)
      case 'CREDENTIALS':
        return this.#login.credentials(frame)
      case 'OPTIONS':
        return this.#session.options(frame)
      case 'REGISTER':
        return this.#session.register(frame)
      case 'QUERY':
        return this.#session.query(frame)
      case 'PREPARE':
        return this.#session.prepare(frame)
      case 'EXECUTE':
        return this.#session.execute(frame)
      case 'BATCH':
        return this.#session.batch(frame)
    }
  }

  /** Cassandra's ServerConnection.validateNewMessage. */
  #checkStage(frame: Frame): void {
    const problem = outOfPlace(frame, this.#login.stage)
    if (problem === undefined) return
    this.#channel.note(frame)
    // Cassandra's InitialConnectionHandler closes after a first message that is out of place. Later handlers do not.
    throw new ProtocolViolation(problem, { fatal: this.#login.stage === 'established' })
  }
}

function outOfPlace({ type, version }: Frame, stage: Login['stage']): string | undefined {
  switch (stage) {
    case 'established':
      return type === 'STARTUP' || type === 'OPTIONS'
        ? undefined
        : `Unexpected message ${type}, expecting STARTUP or OPTIONS`
    case 'authenticating':
      return type === 'AUTH_RESPONSE' || type === 'CREDENTIALS'
        ? undefined
        : `Unexpected message ${type}, expecting ${version === 1 ? 'CREDENTIALS' : 'SASL_RESPONSE'}`
    case 'ready':
      return type === 'STARTUP'
        ? 'Unexpected message STARTUP, the connection is already initialized'
        : undefined
  }
}
