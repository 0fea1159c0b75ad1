/**
 * Settles as `work` does, or rejects with the signal's reason as soon as it is aborted: for sources and mechanisms. What `work` does later
 * is swallowed: nobody waits for it, and it must not become an unhandled rejection.
 */
export function abortable<T>(work: T | PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    Promise.resolve(work)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort))
  })
}
