import type { Writable } from 'node:stream'

/**
 * Errors of the output are events that come after the write. Without a listener they would end the process with a stack. If the reader has
 * closed the pipe (EPIPE: `| head -1`), nothing is wrong. For all other errors `lost` is called, since the report did not arrive.
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
