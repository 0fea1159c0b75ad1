import { isIPv6 } from 'node:net'
import { type Option, some } from '@x/auth-core/base'

/** A host name or an IP address, with or without a port, in the form that `URL` gives it. */
export const hostOption: Option<string, undefined> = {
  ...some<string>('a host name or IP address, with or without a port', () => false),
  take: (value) => (typeof value === 'string' ? hostOf(value) : undefined),
}

/** A name, an IPv4 address or an IPv6 address in brackets, and optionally a port. */
const form = /^(?:[a-z\d._-]+|\[[\da-f:.]+\])(?::(\d{1,5}))?$/i

function hostOf(text: string): string | undefined {
  const host = isIPv6(text) ? `[${text}]` : text
  const [, port] = form.exec(host) ?? []
  const url = form.test(host) && URL.canParse(`https://${host}`) ? new URL(`https://${host}`) : undefined
  // URL leaves out the default port of the scheme.
  return url && (port === undefined ? url.hostname : `${url.hostname}:${Number(port)}`)
}

/** Host name and port of such a text. If it has no port, the port of `address`. */
export function hostAndPort(
  host: string,
  address: URL,
): { readonly hostname: string; readonly port: string } {
  const [, hostname = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? []
  return { hostname, port: port ?? portOf(address) }
}

/** `URL.port` is empty for the default port of the scheme. */
export function portOf({ port, protocol }: URL): string {
  return port || (protocol === 'http:' ? '80' : '443')
}
