/**
 * Whether any server was sent a secret by this process. From then on any of them may repeat one: two sources may share a secret, and
 * `followServerHint` shows the secret of one server to another.
 */
let sent = false

/** The hosts that were named before that. */
const hosts = new Set<string>()

/** Call before a request with secrets is sent to `url`. */
export function noteSecrets(url: URL): void {
  if (!sent) hosts.add(url.host)
  sent = true
}

/** Whether an error may contain what a server says of itself: no server can repeat a secret that it never got. */
export function mayQuote(): boolean {
  return !sent
}

/** Whether an error may name the host of an address that a server gave. */
export function mayName(url: URL): boolean {
  return !sent || hosts.has(url.host)
}
