/**
 * A proxy between the SDK and moto. It changes nothing, but adds each session that moto issues to the key store of the
 * CQL server. The proxy can be slow, silent or down.
 */
import http from 'node:http'

/** @typedef {{ signedBy: string, region: string, roleArn: string, issued?: string }} Call */

/**
 * @param {string} moto its URL
 * @param {import('@x/auth-testserver').SigV4KeyStore} keys
 */
export async function startStsProxy(moto, keys) {
  /** @type {Call[]} */
  const calls = []
  const state = {
    calls,
    /** @type {'open' | 'down' | 'silent'} */
    behaviour: 'open',
    /** The delay of answers. */
    delayMs: 0,
    url: '',
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  const server = http.createServer(async (request, response) => {
    const body = await textOf(request)
    const [, signedBy = '', region = ''] =
      /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? []
    /** @type {Call} */
    const call = { signedBy, region, roleArn: new URLSearchParams(body).get('RoleArn') ?? '' }
    calls.push(call)
    if (state.behaviour === 'silent') return
    if (state.behaviour === 'down') {
      request.socket.destroy()
      return
    }
    const { host: _, connection: __, ...headers } = request.headers
    const answer = await fetch(`${moto}${request.url}`, {
      method: request.method ?? 'POST',
      headers: /** @type {Record<string, string>} */ (headers),
      body,
    })
    const text = await answer.text()
    const session = sessionOf(text)
    if (session) {
      keys.add(session)
      call.issued = session.accessKeyId
    }
    if (state.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, state.delayMs))
    response
      .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/xml' })
      .end(text)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  state.url = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`
  return state
}

/** @param {http.IncomingMessage} request */
async function textOf(request) {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  return text
}

/** @param {string} xml */
function sessionOf(xml) {
  const field = (/** @type {string} */ name) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1]
  const [accessKeyId, secretAccessKey] = [field('AccessKeyId'), field('SecretAccessKey')]
  const [sessionToken, expiration] = [field('SessionToken'), field('Expiration')]
  if (!accessKeyId || !secretAccessKey || !sessionToken || !expiration) return undefined
  const principal = field('Arn') ?? accessKeyId
  return { accessKeyId, secretAccessKey, sessionToken, expiration: new Date(expiration), principal }
}
