import { readFile, stat } from 'node:fs/promises'
import {
  abortable,
  authError,
  isAuthError,
  type Option,
  quotable,
  Secret,
  some,
  sourceError,
} from '@x/auth-core/base'

/** What a function gives: the text, or credentials with a `token`, as the sources of this package give them. */
export type GivenText = string | Secret | { readonly token: string | Secret }

/** A secret text: itself, a file that is read each time (Kubernetes and agents renew theirs), or a function that is asked each time. */
export type TextInput =
  | string
  | Secret
  | { readonly path: string }
  // A method, so that a credential source fits as well: it is given the context of the login.
  | { ask(context: { readonly signal: AbortSignal }): GivenText | Promise<GivenText> }['ask']

/** Longer than any token or key; what is longer is some other file. */
const maxLength = 65_536

export function textInput(what: string): Option<TextInput, undefined> {
  return some(
    `${what}: a string that is not empty, { path } of a file, or a function`,
    (value) =>
      (typeof value === 'string' && value !== '') ||
      typeof value === 'function' ||
      Secret.is(value) ||
      (typeof value === 'object' && value !== null && isPath((value as { path?: unknown }).path)),
  )
}

interface Reading {
  /** In messages. */
  readonly what: string
  /** Whether it may have several lines, as PEM has. */
  readonly lines?: boolean
  readonly context: { readonly signal: AbortSignal }
}

/** Errors: CREDENTIALS_NOT_CONFIGURED where there is no such file, SOURCE_FAILED, CREDENTIALS_INVALID. Never with the text. */
export async function readText(input: TextInput, { what, lines = false, context }: Reading): Promise<Secret> {
  const text = Secret.of(await rawText(what, input, context))
  const trimmed = text.use((value) => (typeof value === 'string' ? value.trim() : ''))
  if (trimmed === '' || trimmed.length > maxLength || (lines ? /\0/ : /[\0\r\n]/).test(trimmed)) {
    throw authError('CREDENTIALS_INVALID', `${what} is empty, has several lines, or is no text.`)
  }
  return new Secret(trimmed)
}

async function rawText(
  what: string,
  input: TextInput,
  context: Reading['context'],
): Promise<string | Secret> {
  if (typeof input === 'function') return textIn(await called(input, context))
  if (typeof input === 'string' || Secret.is(input)) return input as string | Secret
  try {
    // Before it is opened: a pipe would never end, and what is large is some other file.
    const stats = await stat(input.path)
    if (!stats.isFile() || stats.size > maxLength) {
      throw authError('CREDENTIALS_INVALID', `${what}: ${named(input.path)} is no file of at most 64 KiB.`)
    }
    return await readFile(input.path, { encoding: 'utf8', signal: context.signal })
  } catch (error) {
    if (isAuthError(error)) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT')
      throw authError('CREDENTIALS_NOT_CONFIGURED', `${what}: there is no ${named(input.path)}.`)
    throw authError('SOURCE_FAILED', `${what}: ${named(input.path)} cannot be read (${code ?? 'aborted'}).`)
  }
}

/** No function is waited for longer than the login. Errors: SOURCE_FAILED for whatever it throws that is no AuthError. */
function called(input: Extract<TextInput, (...args: never) => unknown>, context: Reading['context']) {
  const { signal } = context
  const ask = async () => input(context)
  return abortable(ask(), signal).catch((error) =>
    Promise.reject(signal.aborted ? error : sourceError(error)),
  )
}

function textIn(given: GivenText): string | Secret {
  if (typeof given === 'object' && given !== null && !Secret.is(given)) return given.token
  return given as string | Secret
}

/** Quoted only where it is plainly a path: somebody may have given the text in its place. */
function named(path: string): string {
  return /^(\/|\.{1,2}\/|[A-Za-z]:[\\/])/.test(path) ? `file ${quotable(path, 300)}` : 'file of that name'
}

/** A name of a file, and not the text itself by mistake. */
export function isPath(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length < 4_096 && !/[\0\r\n]/.test(value)
}
