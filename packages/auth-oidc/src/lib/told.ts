/**
 * Whether this process has sent a secret to any server. From then on, any server may repeat one: two sources may share
 * a secret, and `followServerHint` sends the secret of one server to another.
 */
let sent = false

/** The host of the first request with a secret. It was known before any server got one. */
const hosts = new Set<string>()

/** Call before a request with secrets is sent to `url`. */
export function noteSecrets(url: URL): void {
  if (!sent) hosts.add(url.host)
  sent = true
}

/** Whether an error may quote a server. A server that got no secret cannot repeat one. */
export function mayQuote(): boolean {
  return !sent
}

/** Whether an error may name the host of an address that a server gave. */
export function mayName(url: URL): boolean {
  return !sent || hosts.has(url.host)
}
