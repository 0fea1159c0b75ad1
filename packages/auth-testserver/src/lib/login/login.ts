import type { ConnectionInfo, Reply, ServerAuthenticator, ServerExchange } from '../../authenticator.js'
import type { EventHub } from '../../events.js'
import type { Fault, FaultAction, FaultMoment, FaultPoint } from '../../fault.js'
import type { Frame } from '../wire/frame.js'
import type { LoginMessage } from '../wire/messages.js'
import { loginBody } from '../wire/messages.js'
import { ProtocolViolation } from '../wire/protocol.js'
import { BodyReader } from '../wire/wire.js'
import type { Channel, Detail } from './channel.js'

/** The stage of a connection: Cassandra's ConnectionStage. */
export type Stage = 'established' | 'authenticating' | 'ready'

export interface LoginHost {
  events: EventHub
  authenticator: ServerAuthenticator
  fault: Fault | undefined
  loggedIn(connection: ConnectionInfo, username: string): void
}

/** The server's side of a login: the authenticator's answers, possibly changed by the fault. */
export class Login {
  stage: Stage = 'established'
  readonly #channel: Channel
  readonly #host: LoginHost
  #authenticator: ServerAuthenticator
  #exchange: ServerExchange | undefined
  #round = 0

  constructor(channel: Channel, host: LoginHost) {
    this.#channel = channel
    this.#host = host
    this.#authenticator = host.authenticator
  }

  /** Called before anything is read. */
  async connected(): Promise<void> {
    await this.#strike('connect', undefined)
  }

  async startup(frame: Frame): Promise<void> {
    const options = Object.fromEntries(
      [...new BodyReader(frame.body).stringMap()].map(([key, value]) => [key.toUpperCase(), value]),
    )
    this.#channel.note(frame, { options })
    this.#channel.info.startupOptions = options
    this.#host.events.emit('startup', { connection: this.#channel.info })
    checkStartup(options)
    await this.#answer('startup', frame, async () => {
      const { authenticator: configured } = this.#host
      const authenticator = configured.negotiate?.(this.#channel.info) ?? configured
      this.#authenticator = authenticator
      const early = authenticator.early?.(this.#channel.info)
      if (early) return loginReply(early, 'READY')
      const { name } = authenticator
      return name === undefined ? { type: 'READY' } : { type: 'AUTHENTICATE', authenticator: name }
    })
  }

  async authResponse(frame: Frame): Promise<void> {
    if (frame.version === 1) {
      this.#channel.note(frame)
      throw new ProtocolViolation('SASL Authentication is not supported in version 1 of the protocol')
    }
    const token = new BodyReader(frame.body).bytes()
    this.#channel.note(frame, { token })
    this.#arrived(token?.length ?? null)
    await this.#answer('response', frame, async () => {
      return loginReply(await this.#exchangeNow().respond(token), 'AUTH_SUCCESS')
    })
  }

  async credentials(frame: Frame): Promise<void> {
    if (frame.version > 1) {
      this.#channel.note(frame)
      throw new ProtocolViolation(
        'Legacy credentials authentication is not supported in protocol versions > 1. ' +
          'Please use SASL authentication via a SaslResponse message',
      )
    }
    const credentials = new BodyReader(frame.body).stringMap()
    this.#channel.note(frame, { credentials: Object.fromEntries(credentials) })
    this.#arrived(frame.body.length)
    await this.#answer('response', frame, async () => {
      const reply = await this.#exchangeNow().credentials?.(credentials)
      return loginReply(reply ?? { failure: 'Authenticator does not support protocol version 1' }, 'READY')
    })
  }

  #arrived(length: number | null): void {
    this.#round += 1
    this.#host.events.emit('authResponse', { connection: this.#channel.info, round: this.#round, length })
  }

  #exchangeNow(): ServerExchange {
    this.#exchange ??= this.#authenticator.newExchange(this.#channel.info)
    return this.#exchange
  }

  /** Answers a login message: with the action of the fault, or with the regular answer. */
  async #answer(point: FaultPoint, frame: Frame, compute: () => Promise<LoginMessage>): Promise<void> {
    let computed: Promise<LoginMessage> | undefined
    const reply = () => {
      computed ??= compute()
      return computed
    }
    if (await this.#strike(point, frame, reply)) return
    await this.#send(await reply(), frame)
  }

  /** Lets the fault act. Returns true if it did, or if the client has gone. */
  async #strike(
    point: FaultPoint,
    frame: Frame | undefined,
    reply?: () => Promise<LoginMessage>,
  ): Promise<boolean> {
    const { fault, events } = this.#host
    if (fault === undefined) return false
    const { info, signal } = this.#channel
    const round = this.#round
    const moment: FaultMoment = {
      point,
      round,
      connection: info,
      signal,
      reply: reply ?? (() => Promise.reject(new TypeError(`There is no regular answer at '${point}'`))),
      encode: (message) => this.#channel.encode(message.type, loginBody(message), frame?.stream ?? 0),
    }
    const action = await fault.act(moment)
    if (signal.aborted) return true
    if (action === undefined) return false
    events.emit('fault', { connection: info, fault: fault.name, point, round })
    await this.#perform(action, point, frame)
    return true
  }

  async #perform(action: FaultAction, point: FaultPoint, frame: Frame | undefined): Promise<void> {
    switch (action.do) {
      case 'silence':
        if (point === 'connect') this.#channel.ignore()
        return
      case 'reply':
        return this.#send(action.message, frame)
      case 'write':
        return this.#channel.sendBytes(action.bytes, frame?.stream ?? 0, action.end)
      case 'fin':
      case 'rst':
        this.#channel.end(action.do)
    }
  }

  async #send(message: LoginMessage, frame: Frame | undefined): Promise<void> {
    const { info, signal } = this.#channel
    if (signal.aborted) return
    this.#channel.send(message.type, loginBody(message), frame?.stream ?? 0, detailOf(message))
    const { events, loggedIn } = this.#host
    switch (message.type) {
      case 'AUTHENTICATE':
        this.stage = 'authenticating'
        await this.#strike('authenticate', frame)
        return
      case 'AUTH_CHALLENGE':
        this.stage = 'authenticating'
        await this.#strike('challenge', frame)
        return
      case 'ERROR':
        events.emit('refused', { connection: info, code: message.code, message: message.message })
        return
      default:
        this.stage = 'ready'
        if (message.username === undefined) return
        loggedIn(info, message.username)
        events.emit('login', { connection: info, username: message.username })
    }
  }
}

/** Cassandra's StartupMessage.execute, with no compression on offer. */
function checkStartup(options: Readonly<Record<string, string>>): void {
  const { CQL_VERSION: cqlVersion, COMPRESSION: compression } = options
  if (cqlVersion === undefined) throw new ProtocolViolation('Missing value CQL_VERSION in STARTUP message')
  const [, major, minor] = /^(\d+)\.(\d+)(?:\.\w+)*(?:[-.~+].*)?$/.exec(cqlVersion) ?? []
  if (major === undefined) throw new ProtocolViolation(`Invalid version value: ${cqlVersion}`)
  if (Number(major) < 2 || (Number(major) === 2 && Number(minor) < 99)) {
    throw new ProtocolViolation(
      `CQL version ${cqlVersion} is not supported by the binary protocol (supported version are >= 3.0.0)`,
    )
  }
  if (compression !== undefined) throw new ProtocolViolation(`Unknown compression algorithm: ${compression}`)
}

function loginReply(reply: Reply, success: 'AUTH_SUCCESS' | 'READY'): LoginMessage {
  if ('challenge' in reply) return { type: 'AUTH_CHALLENGE', token: reply.challenge }
  if ('failure' in reply) return { type: 'ERROR', code: reply.code ?? 0x0100, message: reply.failure }
  if (success === 'READY') return { type: 'READY', username: reply.username }
  return { type: 'AUTH_SUCCESS', token: reply.success, username: reply.username }
}

function detailOf(message: LoginMessage): Detail {
  switch (message.type) {
    case 'AUTHENTICATE':
      return { authenticator: message.authenticator }
    case 'READY':
      return {}
    case 'ERROR':
      return { code: message.code, message: message.message }
    default:
      return { token: message.token }
  }
}
