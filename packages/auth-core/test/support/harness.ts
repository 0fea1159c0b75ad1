import type { CredentialContext, Credentials } from '../../src/credentials.js'
import type { AuthError } from '../../src/errors.js'
import {
  type Conversation,
  finish,
  type Mechanism,
  type OneWayMechanism,
  type ServerToken,
} from '../../src/mechanism.js'
import { BaseAuthProvider, type BaseAuthProviderOptions } from '../../src/provider.js'
import { ManualClock } from './manual-clock.js'

export const endpoint = '127.0.0.1:9042'
export const authenticator = 'org.example.TestAuthenticator'
export const bytes = (text: string) => Buffer.from(text, 'utf8')

/** One call of the driver's callback, as the driver would see it. */
export type Answer = { readonly token: Buffer } | { readonly error: AuthError }

/** A mechanism of which a test says only what matters to it. */
export function mechanismOf(converse: () => Conversation<void>, more: object = {}): OneWayMechanism<unknown> {
  return {
    name: 'TEST',
    clientFirst: true,
    mutual: false,
    cleartext: false,
    spec: 'none',
    parseCredentials: (value) => value,
    converse,
    ...more,
  }
}

/** Sends its credentials as they are, in one message. */
export const oneMessage: OneWayMechanism<unknown> = {
  ...mechanismOf(async function* () {}),
  async *converse(credentials) {
    yield finish(bytes(String(credentials)))
  },
}

class TestAuthProvider extends BaseAuthProvider<unknown> {}

type Options = Partial<Omit<BaseAuthProviderOptions<unknown>, 'credentials'>> & {
  mechanism?: Mechanism<unknown>
  /** A value, or a source of whatever the test likes. */
  credentials?: object | ((context: CredentialContext) => unknown)
}

/** A provider of one mechanism, on a clock of its own. */
export function providerOf({
  mechanism = oneMessage,
  credentials = () => 'secret',
  ...options
}: Options = {}) {
  const clock = new ManualClock()
  const provider = new TestAuthProvider({
    mechanisms: [mechanism],
    credentials: credentials as Credentials<unknown>,
    clock,
    ...options,
  })
  return { provider, clock }
}

/**
 * Plays the driver on one connection: keeps every call of every callback, in order, and waits for the next one.
 */
export function connect(
  provider: Pick<BaseAuthProvider<unknown>, 'newAuthenticator'>,
  at = endpoint,
  name = authenticator,
) {
  const exchange = provider.newAuthenticator(at, name)
  const answers: Answer[] = []
  let wake: (() => void) | undefined
  const callback = (error: AuthError | null, token?: Buffer) => {
    answers.push(error ? { error } : { token: token as Buffer })
    wake?.()
  }
  const next = async (count: number): Promise<Answer> => {
    while (answers.length < count) await new Promise<void>((resolve) => (wake = resolve))
    return answers[count - 1] as Answer
  }
  return {
    exchange,
    answers,
    start: () => {
      const expected = answers.length + 1
      exchange.initialResponse(callback)
      return next(expected)
    },
    /** Starts without waiting for an answer. */
    begin: () => exchange.initialResponse(callback),
    challenge: (token: ServerToken) => {
      const expected = answers.length + 1
      exchange.evaluateChallenge(token as Buffer, callback)
      return next(expected)
    },
    /** The server's success; returns the error that the provider answered with, if it did, synchronously. */
    succeed: (token?: ServerToken): AuthError | undefined => {
      const before = answers.length
      exchange.onAuthenticationSuccess(token as Buffer | undefined)
      const answer = answers[before]
      return answer && 'error' in answer ? answer.error : undefined
    },
    next,
  }
}

export function tokenOf(answer: Answer): string {
  if ('error' in answer) throw answer.error
  return answer.token.toString('utf8')
}

export function errorOf(answer: Answer): AuthError {
  if ('error' in answer) return answer.error
  throw new Error(`expected an error, got a token of ${answer.token.length} bytes`)
}

/** Lets everything that is already due happen; nothing here waits for time. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
