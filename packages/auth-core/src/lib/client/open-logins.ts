import type { ProviderRecord } from '../../provider-record.js'

/** How many of a client's open connections to a server logged in by this provider; undefined if that cannot be seen. */
export function openLogins(
  options: unknown,
  record: ProviderRecord | undefined,
): ((endpoint: string) => number) | undefined {
  const { onread } = (options as { sslOptions?: { onread?: object } | undefined })?.sslOptions ?? {}
  const count = record?.openLogins
  if (!count || !onread) return undefined
  return (endpoint) => count(endpoint, onread)
}
