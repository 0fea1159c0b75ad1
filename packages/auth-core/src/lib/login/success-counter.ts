/** More nodes than any cluster has; beyond it the endpoint that has waited longest is forgotten. */
const maxEndpoints = 10_000

/** Counts successful logins for each `ip:port`, in bounded memory. */
export class SuccessCounter {
  readonly #counts = new Map<string, number>()

  add(endpoint: string): void {
    const count = this.of(endpoint) + 1
    // Deleted first, so that the order of the map is that of the last success.
    this.#counts.delete(endpoint)
    this.#counts.set(endpoint, count)
    if (this.#counts.size <= maxEndpoints) return
    const [oldest] = this.#counts.keys()
    if (oldest !== undefined) this.#counts.delete(oldest)
  }

  of(endpoint: string): number {
    return this.#counts.get(endpoint) ?? 0
  }
}
