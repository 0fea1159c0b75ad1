import { request as httpsRequest } from 'node:https'
import type { AuthError } from '../../errors.js'
import type { VerifiedTls } from './tls-option.js'
import { unreferenced } from './unreferenced.js'

export interface HttpRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly signal: AbortSignal
  /** Anyone who waits has a timer of their own, so the connection does not keep the process alive. Default false. */
  readonly unref?: boolean | undefined
}

export interface HttpAnswer {
  readonly status: number
  header(name: string): string | undefined
  readonly body: string
}

/**
 * Sends a request; a redirect is an answer like any other. Errors: those of the connection, and the one for an answer
 * that is too long.
 */
export type HttpTransport = (request: HttpRequest) => Promise<HttpAnswer>

/** What the options of a source say about its connections. */
export interface TransportParts {
  /** As `verifiedTlsOption` gives it. */
  readonly tls: VerifiedTls | undefined
  readonly fetch: typeof globalThis.fetch | undefined
  /** The error for an answer of more than 1 MiB; `problem` says so. */
  readonly tooLong: (problem: string) => AuthError
}

/** Metadata has a few thousand bytes, a token or a lease rarely more than that. */
const maxBytes = 1_048_576

type TooLong = TransportParts['tooLong']

/**
 * By `node:https` if there are options for TLS, since `fetch` takes none; else by `fetch`, with the CAs and proxies
 * that Node.js knows.
 */
export function httpTransport({ tls, fetch, tooLong }: TransportParts): HttpTransport {
  if (tls) return byHttps(tls, tooLong)
  return byFetch(fetch ?? ((...args) => globalThis.fetch(...args)), tooLong)
}

function byFetch(fetch: typeof globalThis.fetch, tooLong: TooLong): HttpTransport {
  return async ({ method, url, headers, body, signal, unref }) => {
    const send = () => fetch(url, { method, headers, body: body ?? null, signal, redirect: 'manual' })
    const response = await (unref ? unreferenced(send) : send())
    return {
      status: response.status,
      header: (name) => response.headers.get(name) ?? undefined,
      body: await textOf(response.body ?? [], tooLong),
    }
  }
}

function byHttps(tls: VerifiedTls, tooLong: TooLong): HttpTransport {
  return ({ method, url, headers, body, signal, unref }) =>
    new Promise((resolve, reject) => {
      const request = httpsRequest(url, { ...connectOptions(tls), agent: false, method, headers, signal })
      request.once('error', reject)
      if (unref) request.once('socket', (socket) => socket.unref())
      request.once('response', (response) => {
        const header = (name: string) => {
          const value = response.headers[name]
          return Array.isArray(value) ? value[0] : value
        }
        textOf(response, tooLong).then(
          (text) => resolve({ status: response.statusCode ?? 0, header, body: text }),
          reject,
        )
      })
      request.end(body)
    })
}

/**
 * Only what `https.request` needs: a profile has more properties, for the driver, and those would read the connection.
 * Read again for each connection, since a profile rotates.
 */
function connectOptions({ secureContext, servername, checkServerIdentity }: VerifiedTls) {
  return {
    ...(secureContext && { secureContext }),
    ...(servername !== undefined && { servername }),
    ...(checkServerIdentity && { checkServerIdentity }),
    rejectUnauthorized: true,
  }
}

async function textOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  tooLong: TooLong,
): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > maxBytes) throw tooLong(`The answer has more than ${maxBytes} bytes.`)
    parts.push(chunk)
  }
  return Buffer.concat(parts).toString('utf8')
}
