import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { abortable } from '../../abortable.js'
import { authError, isAuthError } from '../../errors.js'
import { quotable } from '../../quotable.js'
import { Secret } from '../../secret.js'
import { sourceError } from '../login/source-error.js'
import { type Option, some } from '../options/option-spec.js'

/** What a function gives: the text, or credentials with a `token`, as the sources of `@x/auth-oidc` give them. */
export type GivenText = string | Secret | { readonly token: string | Secret }

/** A secret text: itself, a file that is read each time (Kubernetes and agents renew theirs), or a function that is asked each time. */
export type TextInput =
  | string
  | Secret
  | { readonly path: string }
  // A method, so that a credential source fits as well: it is given the context of the login.
  | { ask(context: { readonly signal: AbortSignal }): GivenText | Promise<GivenText> }['ask']

/** Longer than any token or key; a longer file is another kind of file. */
const maxLength = 65_536

/** An option that takes such a text. `what`: its name in messages. */
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

/**
 * `token`: printable ASCII without blanks, which fits into a header. `line`: any characters in one line, such as those
 * of a client secret. `lines`: several, as PEM has.
 */
const forms = { token: /^[\x21-\x7e]+$/, line: /^[^\0\r\n]+$/, lines: /^[^\0]+$/ }

export interface TextReading {
  /** What it is, in messages. */
  readonly what: string
  readonly form: keyof typeof forms
  readonly context: { readonly signal: AbortSignal }
}

/**
 * The current text, without white space around it. Errors: CREDENTIALS_NOT_CONFIGURED if there is no such file,
 * SOURCE_FAILED, CREDENTIALS_INVALID. Never with the text.
 */
export async function readText(input: TextInput, { what, form, context }: TextReading): Promise<Secret> {
  const text = Secret.of(await rawText(what, input, context))
  const trimmed = text.use((value) => (typeof value === 'string' ? value.trim() : ''))
  if (trimmed.length > maxLength || !forms[form].test(trimmed)) {
    throw authError('CREDENTIALS_INVALID', `${what} is empty, ${unfit[form]}, or is not text.`)
  }
  return new Secret(trimmed)
}

const unfit = {
  token: 'has more than the printable characters of one line',
  line: 'has several lines',
  lines: 'is too long',
}

async function rawText(
  what: string,
  input: TextInput,
  context: TextReading['context'],
): Promise<string | Secret> {
  if (typeof input === 'function') return textIn(await called(input, context))
  if (typeof input === 'string' || Secret.is(input)) return input as string | Secret
  try {
    return await abortable(contentOf(what, input.path), context.signal)
  } catch (error) {
    if (isAuthError(error) || context.signal.aborted) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT')
      throw authError('CREDENTIALS_NOT_CONFIGURED', `${what}: there is no ${named(input.path)}.`)
    throw authError('SOURCE_FAILED', `${what}: ${named(input.path)} cannot be read (${code ?? 'no code'}).`)
  }
}

/** The file that is checked is the one that is read. A pipe is opened without waiting for anyone who writes into it. */
async function contentOf(what: string, path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const content = (await file.stat()).isFile() ? await startOf(file) : undefined
    if (content && content.length <= maxLength) return content.toString('utf8')
    throw authError('CREDENTIALS_INVALID', `${what}: ${named(path)} is not a file of at most 64 KiB.`)
  } finally {
    await file.close()
  }
}

/** One byte more than is allowed, if there is one. */
async function startOf(file: FileHandle): Promise<Buffer> {
  const buffer = Buffer.alloc(maxLength + 1)
  let length = 0
  for (let read = -1; read !== 0 && length < buffer.length; length += read) {
    read = (await file.read(buffer, length, buffer.length - length)).bytesRead
  }
  return buffer.subarray(0, length)
}

/** A function has at most the time of the login. Errors: SOURCE_FAILED if it throws anything but an AuthError. */
function called(input: Extract<TextInput, (...args: never) => unknown>, context: TextReading['context']) {
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

/** Quoted only if it plainly is a path: it may be the secret text, given by mistake. */
function named(path: string): string {
  return /^(\/|\.{1,2}\/|[A-Za-z]:[\\/])/.test(path) ? `file ${quotable(path, 300)}` : 'file of that name'
}

/** A name of a file, and not the text itself by mistake. */
export function isPath(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length < 4_096 && !/[\0\r\n]/.test(value)
}
