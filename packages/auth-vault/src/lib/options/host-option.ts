import { isIPv6 } from 'node:net'
import { type Option, some } from '@x/auth-core/base'

/** A host name or an IP address, taken as `URL.hostname` writes it. */
export const hostOption: Option<string, undefined> = {
  ...some<string>('a host name or IP address, without port', () => false),
  take: (value) => (typeof value === 'string' ? hostnameOf(value) : undefined),
}

function hostnameOf(host: string): string | undefined {
  const url = isIPv6(host) ? `https://[${host}]` : `https://${host}`
  return (isIPv6(host) || /^[a-z\d._-]+$/i.test(host)) && URL.canParse(url)
    ? new URL(url).hostname
    : undefined
}
