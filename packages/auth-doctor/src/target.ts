import { isIP } from 'node:net'

/** The host that the user asked for. */
export interface Target {
  /** A name or an IP address, without brackets. */
  readonly host: string
  readonly port: number
}

/** What the user wrote cannot work: exit code 64. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** Services that use another port for CQL. */
const servicePorts: readonly (readonly [RegExp, number])[] = [
  [/\.amazonaws\.com(\.cn)?$|\.api\.aws$/, 9142],
  [/\.cassandra\.cosmos\.azure\.com$/, 10_350],
]

const defaultPort = 9042

/** `HOST`, `HOST:PORT`, `[IPv6]:PORT`. Only one host, since the doctor looks at a cluster through one of its nodes. */
export function parseTarget(text: string): Target {
  if (/[,\s]/.test(text))
    throw new UsageError(
      'Give one host: the doctor checks one cluster at a time, and finds its other nodes itself.',
    )
  if (text.includes('@'))
    throw new UsageError(
      'Give the host alone: the user name is --username NAME, and a password is never an argument.',
    )
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) throw new UsageError('Give HOST or HOST:PORT, not a URL.')
  const [, bracketed, bare, digits] =
    /^(?:\[([^\]]+)\]|([^:[\]]+|(?:[^:[\]]*:){2,}[^:[\]]*?))(?::(\d{1,5}))?$/.exec(
      isIP(text) ? `[${text}]` : text,
    ) ?? []
  const host = bracketed ?? bare
  if (host === undefined || (bracketed !== undefined && isIP(bracketed) === 0) || !isHost(host)) {
    // The text is not repeated: it may contain a password.
    throw new UsageError('Write the host as HOST or HOST:PORT; an IPv6 address with a port as [::1]:9042.')
  }
  const port = digits === undefined ? portOf(host) : Number(digits)
  if (port < 1 || port > 65_535) throw new UsageError('A port is a number from 1 to 65535.')
  return { host, port }
}

function isHost(host: string): boolean {
  return isIP(host) !== 0 || /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})$/.test(host)
}

function portOf(host: string): number {
  return servicePorts.find(([pattern]) => pattern.test(host.toLowerCase()))?.[1] ?? defaultPort
}
