import type { AuthError } from '@x/auth-core'
import type { SigV4AuthProvider } from '../../src/index.js'

export const nonce = '91703fdc2ef562e19fbdab0f58e42fe5'

/** Plays the driver and the server: the answer to a challenge, or the error that the login ended with. */
export async function answerTo(
  provider: SigV4AuthProvider,
  challenge: Buffer | null = Buffer.from(`nonce=${nonce}`),
  endpoint = '127.0.0.1:9142',
  end: 'success' | 'pending' = 'success',
): Promise<string> {
  const authenticator = provider.newAuthenticator(endpoint, 'com.amazon.helenus.auth.HelenusAuthenticator')
  const first = await call((callback) => authenticator.initialResponse(callback))
  if (first.toString() !== 'SigV4\0\0')
    throw new Error(`the first message is ${JSON.stringify(first.toString())}`)
  const answer = await call((callback) => authenticator.evaluateChallenge(challenge as Buffer, callback))
  if (end === 'success') authenticator.onAuthenticationSuccess?.()
  return answer.toString()
}

/** The fields of an answer. */
export function fieldsOf(answer: string): Record<string, string> {
  return Object.fromEntries(
    answer.split(',').map((part) => part.split(/=(.*)/s).slice(0, 2) as [string, string]),
  )
}

/** The error that a promise or a call ends with. */
export async function failureOf(action: () => unknown): Promise<AuthError> {
  try {
    await action()
  } catch (error) {
    return error as AuthError
  }
  throw new Error('expected an error')
}

function call(start: (callback: (error: Error | null, token?: Buffer) => void) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    start((error, token) => (error ? reject(error) : resolve(token as Buffer)))
  })
}
