import { channel } from 'node:diagnostics_channel'

/** What undici tells of its requests, as the `fetch` of Node.js and as a package: see DiagnosticsChannel.md in its documentation. */
const created = channel('undici:request:create')
const sent = channel('undici:client:sendHeaders')

interface Message {
  readonly request?: unknown
  readonly socket?: { unref?(): void } | undefined
}

/**
 * A request by `fetch` whose connection does not keep the process alive once it is open. `fetch` gives its socket to nobody, but
 * undici tells of it, and creates the request within the call. Any other `fetch` may hold the process until the request is over.
 * A dispatcher of the application that queues another request behind this one on the same connection does not hold it for that one
 * either.
 */
export async function unreferenced(send: () => Promise<Response>): Promise<Response> {
  const own = new Set<unknown>()
  const note = (message: unknown) => void own.add((message as Message).request)
  const release = (message: unknown) => {
    const { request, socket } = message as Message
    if (own.has(request)) socket?.unref?.()
  }
  created.subscribe(note)
  sent.subscribe(release)
  try {
    const answer = send()
    created.unsubscribe(note)
    return await answer
  } finally {
    created.unsubscribe(note)
    sent.unsubscribe(release)
  }
}
