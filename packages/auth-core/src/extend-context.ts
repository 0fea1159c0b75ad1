import type { CredentialContext } from './credentials.js'
import { noteExtended } from './lib/cache/source-context.js'

/**
 * A context with more to say, for a source that wraps another: `extendContext(context, { forceRefresh: true })`. A
 * spread copy would look at the connection. This does not, so that `cached` can still see whether the source looks.
 */
export function extendContext<T extends CredentialContext, M extends object>(context: T, more: M): T & M {
  const extended = {}
  for (const name of Object.keys(context)) {
    // A getter goes on reading the context that it belongs to.
    Object.defineProperty(extended, name, {
      enumerable: true,
      configurable: true,
      get: () => context[name as keyof T],
    })
  }
  Object.defineProperties(extended, Object.getOwnPropertyDescriptors(more))
  noteExtended(context, extended)
  return extended as T & M
}
