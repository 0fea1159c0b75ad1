import { request as httpsRequest } from 'node:https'
import { oidcError } from '../errors.js'
import { connectOptions, type OidcTlsOptions } from './tls-options.js'

export interface HttpRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly signal: AbortSignal
}

export interface HttpAnswer {
  readonly status: number
  header(name: string): string | undefined
  readonly body: string
}

export type Transport = (request: HttpRequest) => Promise<HttpAnswer>

/** Metadata has a few thousand bytes, a token rarely more than that. */
const maxBytes = 1_048_576

/** By `fetch`, with the CAs and the proxies that Node.js was told of. A redirect is an answer like another. */
export function fetchTransport(fetch: typeof globalThis.fetch): Transport {
  return async ({ method, url, headers, body, signal }) => {
    const response = await fetch(url, { method, headers, body: body ?? null, signal, redirect: 'manual' })
    return {
      status: response.status,
      header: (name) => response.headers.get(name) ?? undefined,
      body: await textOf(response.body ?? []),
    }
  }
}

/** By `node:https`, since `fetch` takes neither CAs nor a client certificate. */
export function tlsTransport(tls: OidcTlsOptions): Transport {
  return ({ method, url, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const request = httpsRequest(url, { ...connectOptions(tls), agent: false, method, headers, signal })
      request.once('error', reject)
      request.once('response', (response) => {
        const header = (name: string) => {
          const value = response.headers[name]
          return Array.isArray(value) ? value[0] : value
        }
        textOf(response).then(
          (text) => resolve({ status: response.statusCode ?? 0, header, body: text }),
          reject,
        )
      })
      request.end(body)
    })
}

async function textOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > maxBytes) {
      throw oidcError('OIDC_ANSWER_INVALID', `The answer has more than ${maxBytes} bytes.`)
    }
    parts.push(chunk)
  }
  return Buffer.concat(parts).toString('utf8')
}
