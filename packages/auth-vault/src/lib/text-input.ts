import { readFile, stat } from 'node:fs/promises'
import { authError, isAuthError, type Option, quotable, Secret, some } from '@x/auth-core/base'

/**
 * A secret text of a login: the text itself, a file that is read at each login (as Kubernetes and the Vault Agent renew
 * theirs), or a function.
 */
export type TextInput =
  | string
  | Secret
  | { readonly path: string }
  | ((context: { readonly signal: AbortSignal }) => string | Secret | Promise<string | Secret>)

/** Longer than any token; what is longer is some other file. */
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

/** What can stand in a header and in one line: printable ASCII, as tokens, secret ids and JWTs are. */
const onlyPrintable = /^[\x21-\x7e]+$/

/** Errors: CREDENTIALS_NOT_CONFIGURED where there is no such file, SOURCE_FAILED, CREDENTIALS_INVALID. Never with the text. */
export async function readText(what: string, input: TextInput, signal: AbortSignal): Promise<Secret> {
  const text = Secret.of(await rawText(what, input, signal))
  const trimmed = text.use((value) => (typeof value === 'string' ? value.trim() : ''))
  if (trimmed.length > maxLength || !onlyPrintable.test(trimmed)) {
    throw authError(
      'CREDENTIALS_INVALID',
      `${what} is empty, or has more than the printable characters of one line.`,
    )
  }
  return new Secret(trimmed)
}

async function rawText(what: string, input: TextInput, signal: AbortSignal): Promise<string | Secret> {
  if (typeof input === 'function') return input({ signal })
  if (typeof input === 'string' || Secret.is(input)) return input as string | Secret
  try {
    // Before it is opened: a pipe would never end, and what is large is some other file.
    const stats = await stat(input.path)
    if (!stats.isFile() || stats.size > maxLength) {
      throw authError('CREDENTIALS_INVALID', `${what}: ${named(input.path)} is no file of at most 64 KiB.`)
    }
    return await readFile(input.path, { encoding: 'utf8', signal })
  } catch (error) {
    if (isAuthError(error)) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT')
      throw authError('CREDENTIALS_NOT_CONFIGURED', `${what}: there is no ${named(input.path)}.`)
    throw authError('SOURCE_FAILED', `${what}: ${named(input.path)} cannot be read (${code ?? 'aborted'}).`)
  }
}

/** Quoted only where it is plainly a path: somebody may have given the text in its place. */
function named(path: string): string {
  return /^(\/|\.{1,2}\/|[A-Za-z]:[\\/])/.test(path) ? `file ${quotable(path, 300)}` : 'file of that name'
}

/** A name of a file, and not the text itself by mistake. */
function isPath(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length < 4_096 && !/[\0\r\n]/.test(value)
}
