import { inspect } from 'node:util'

/** What is shown in place of the bytes. */
const shown = () => '[TLS session]'
const hidden = Object.fromEntries(
  [inspect.custom, Symbol.toPrimitive, 'toJSON', 'toString', 'toLocaleString'].map((name) => [
    name,
    { value: shown },
  ]),
)

/**
 * A session as it may stand among options, which the driver copies and others print: it holds the key of the connection.
 * These bytes show nothing of themselves as text, JSON or inspected, and they are wiped once the code that read them has
 * run: the driver calls `tls.connect` directly after its copy, and Node.js parses the session in that call. A copy that
 * somebody keeps holds zeros, which Node.js takes for no session.
 */
export function offeredSession(session: Uint8Array): Buffer {
  const bytes = Buffer.alloc(session.length) // memory of its own, not of the pool
  bytes.set(session)
  queueMicrotask(() => bytes.fill(0))
  return Object.defineProperties(bytes, hidden)
}
