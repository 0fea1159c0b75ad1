import type { Writable } from 'node:stream'

/**
 * Errors of the output are events that come after the write, and would end the process with a stack. A reader who has seen enough (EPIPE:
 * `| head -1`) is none; for all others `lost` is called, since the report did not arrive.
 */
export function watchOutput(
  { stdout, stderr }: { readonly stdout: Writable; readonly stderr: Writable },
  lost: () => void,
): void {
  stderr.on('error', () => {})
  stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return
    stderr.write(`auth-doctor: the output cannot be written: ${code ?? 'unknown reason'}.\n`)
    lost()
  })
}
