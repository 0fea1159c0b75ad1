/** What one authorization server was told, and had said before that. */
interface Told {
  secrets: boolean
  readonly hosts: Set<string>
}

/** Of each origin of an issuer; for the process, since any source may have the same secret. */
const told = new Map<string, Told>()
const maxServers = 1_000

/** Before a request with secrets is sent to `url`, where this issuer led. */
export function noteSecrets(issuer: string, url: URL): void {
  const { origin } = new URL(issuer)
  const server = told.get(origin) ?? { secrets: false, hosts: new Set() }
  if (told.size >= maxServers && !told.has(origin)) return
  if (!server.secrets) server.hosts.add(url.host)
  server.secrets = true
  told.set(origin, server)
}

/** Whether what this server says of itself may stand in an error: it cannot repeat a secret that it never got. */
export function mayQuote(issuer: string): boolean {
  return told.size < maxServers && told.get(new URL(issuer).origin)?.secrets !== true
}

/** Whether an error may name the host of an address where this issuer led: it did so before it got a secret. */
export function mayName(issuer: string, url: URL): boolean {
  return told.get(new URL(issuer).origin)?.hosts.has(url.host) === true
}
