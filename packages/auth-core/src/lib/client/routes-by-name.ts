/** Whether all servers of a client share one address, because a proxy routes to them by name. */
export function routesByName(options: unknown): boolean {
  const { cloud, sni } = (options ?? {}) as { cloud?: unknown; sni?: unknown }
  return Boolean(cloud || sni)
}
