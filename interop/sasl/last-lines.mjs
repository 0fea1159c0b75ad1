/**
 * Keeps the last lines of a process's output.
 * @param {import('node:stream').Readable | null} stream
 * @returns {() => string}
 */
export function lastLines(stream) {
  let text = ''
  stream?.setEncoding('utf8').on('data', (more) => {
    text = `${text}${more}`.slice(-4_000)
  })
  return () => text
}
