import type { ProviderBench } from '../bench.js'

const familyChannels = ['@x/auth:exchange', '@x/auth:credentials'].flatMap((name) =>
  ['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map((event) => `tracing:${name}:${event}`),
)

/** The diagnostics channels that a provider publishes on. */
export function channelsOf({ subject, record }: ProviderBench): readonly string[] {
  return subject.traits.channels ?? (record ? familyChannels : [])
}
