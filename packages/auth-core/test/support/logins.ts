import type { CredentialContext, CredentialSource, LoginObserver } from '../../src/credentials.js'
import { type AuthError, authError } from '../../src/errors.js'
import { authenticator, endpoint, settled } from './harness.js'

export interface Password {
  readonly username: string
  readonly password: string
}

/** One login, as a source sees it: it asks, then tells what became of it. */
export function login(source: CredentialSource<Password>, { at = endpoint, ...more }: LoginOptions = {}) {
  const observers: LoginObserver[] = []
  const abort = new AbortController()
  const colon = at.lastIndexOf(':')
  const context: CredentialContext = {
    endpoint: at,
    address: at.slice(0, colon),
    port: Number(at.slice(colon + 1)),
    authenticator,
    signal: abort.signal,
    observeLogin: (observer) => observers.push(observer),
    ...more,
  }
  const credentials = Promise.resolve().then(() => source(context))
  credentials.catch(() => undefined)
  const tell: LoginObserver = (progress, error) => {
    for (const observer of observers) observer(progress, error)
  }
  return {
    credentials,
    password: async () => (await credentials).password,
    error: () => credentials.then(unexpected, (reason: AuthError) => reason),
    abort: () => abort.abort(new Error('the deadline has passed')),
    sent: () => tell('sent'),
    success: () => tell('success'),
    refused: (error = authError('LOGIN_REFUSED')) => tell('refused', error),
    failure: (error: AuthError) => tell('failure', error),
  }
}

type LoginOptions = Partial<CredentialContext> & { at?: string }

/** A login that the server accepts; the password that it used. */
export async function accepted(source: CredentialSource<Password>, options?: LoginOptions): Promise<string> {
  const attempt = login(source, options)
  const password = await attempt.password()
  attempt.sent()
  attempt.success()
  return password
}

/** A login that the server refuses: nobody hears of it again. */
export async function refused(source: CredentialSource<Password>, options?: LoginOptions): Promise<string> {
  const attempt = login(source, options)
  const password = await attempt.password()
  attempt.sent()
  return password
}

/**
 * A source in the hand of the test. `answers` are given in turn, the last one forever: a password, an error, or what
 * makes either.
 */
export function scripted(...answers: unknown[]) {
  const calls: CredentialContext[] = []
  const source = async (context: CredentialContext): Promise<Password> => {
    calls.push(context)
    let answer = answers.length > 1 ? answers.shift() : answers[0]
    if (typeof answer === 'function') answer = await answer(context)
    if (answer instanceof Error) throw answer
    return (typeof answer === 'string' ? { username: 'alice', password: answer } : answer) as Password
  }
  return { source, calls, next: (...more: unknown[]) => void answers.splice(0, answers.length, ...more) }
}

/** An answer that comes when the test says so. */
export function later() {
  let resolve: (answer: unknown) => void = () => undefined
  const promise = new Promise((done) => {
    resolve = done
  })
  return { answer: () => promise, resolve }
}

function unexpected(value: unknown): never {
  throw new Error(`expected an error, got ${typeof value}`)
}

export { settled }
