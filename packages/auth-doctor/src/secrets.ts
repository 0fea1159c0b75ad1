import { closeSync, openSync, readSync } from 'node:fs'
import { Writable } from 'node:stream'
import type { PasswordSource } from './options.js'
import { UsageError } from './target.js'

/** Where passwords come from: a file, the environment, or the user at the terminal. */
export interface Secrets {
  password(file: string | undefined, username: string | undefined): PasswordSource
  /** Undefined if nothing says that there is one. */
  passphrase(file: string | undefined): PasswordSource | undefined
}

interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
}

/** The secrets of this process. Each is read once. */
export function secretsOf({ environment, input, output }: Terminal): Secrets {
  return {
    password(file, username) {
      const given = fromFileOr(file, environment['AUTH_DOCTOR_PASSWORD'])
      return once(
        () =>
          given?.() ??
          prompt(username === undefined ? 'Password or token: ' : `Password of ${username}: `, input, output),
      )
    },
    passphrase(file) {
      const given = fromFileOr(file, environment['AUTH_DOCTOR_PASSPHRASE'])
      return given && once(given)
    },
  }
}

function fromFileOr(file: string | undefined, variable: string | undefined): (() => string) | undefined {
  if (file !== undefined) return () => secretIn(file)
  return variable === undefined || variable === '' ? undefined : () => variable
}

/** Longer than any password or token. */
const maxSecret = 64 * 1024

/** The file may also be a pipe (`<(pass show cassandra)`), and a device may have no end. */
function beginningOf(file: string): Buffer {
  const bytes = Buffer.alloc(maxSecret + 1)
  const descriptor = openSync(file, 'r')
  let size = 0
  try {
    for (let read = -1; read !== 0 && size < bytes.length; size += read)
      read = readSync(descriptor, bytes, size, bytes.length - size, null)
  } finally {
    closeSync(descriptor)
  }
  if (size > maxSecret) throw new UsageError('The file with the secret has more than 64 KiB.')
  return bytes.subarray(0, size)
}

/** The content without the line break that editors add at its end. */
function secretIn(file: string): string {
  try {
    return beginningOf(file)
      .toString('utf8')
      .replace(/\r?\n$/, '')
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(
      `The file with the secret cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}.`,
    )
  }
}

function once(source: PasswordSource): PasswordSource {
  let read: string | Promise<string> | undefined
  return () => {
    read ??= source()
    return read
  }
}

/** Asks without showing what the user types. Without a terminal, it asks nobody. */
async function prompt(
  question: string,
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
): Promise<string> {
  if (!input.isTTY) {
    throw new UsageError(
      'There is no terminal to ask for the password: use --password-file or the variable AUTH_DOCTOR_PASSWORD.',
    )
  }
  const { createInterface } = await import('node:readline/promises')
  const muted = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: muted, terminal: true })
  // Control-C and Control-D close it, and after that no answer comes.
  const closed = new Promise<never>((_, reject) => {
    lines.once('close', () => reject(new UsageError('No password was given.')))
  })
  // The question comes only now: the terminal no longer shows what is typed.
  output.write(question)
  try {
    return await Promise.race([closed, lines.question('')])
  } finally {
    lines.close()
    output.write('\n')
  }
}
