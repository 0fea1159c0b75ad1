import { initially, optionBag, type Spec } from '@x/auth-core/base'
import { type CachedOptions, cachedBag } from '@x/auth-core/sources/cached'

/**
 * Those of `cached` of `@x/auth-core`, with other defaults: `refreshAheadMs` 300 000, as the AWS SDK; `fetchTimeoutMs`
 * four fifths of `deadlineMs`.
 */
export type SigV4CacheOptions = Omit<CachedOptions, 'clock'>

const { clock: _ours, fetchTimeoutMs, refreshAheadMs, ...others } = cachedBag.options

export const cacheBag = optionBag("SigV4AuthProvider's cache", {
  ...others,
  refreshAheadMs: initially(
    300_000,
    refreshAheadMs,
    'As the AWS SDK, for sessions of an hour.',
    '300 000, at most a quarter of the lifetime',
  ),
  fetchTimeoutMs: {
    ...fetchTimeoutMs,
    initial: undefined as number | undefined,
    why: 'Time for the login itself.',
    shown: 'four fifths of `deadlineMs`',
  },
} satisfies Spec<SigV4CacheOptions>)
