import type { Clause } from '../clause.js'
import type { ProviderSubject } from '../subject.js'
import type { ProviderBench } from './bench.js'

export type ProviderClause = Clause<ProviderBench>

/** For clauses about sources of credentials. */
export function needsSource({ subject }: ProviderBench): string | undefined {
  return takesSource(subject) ? undefined : 'it takes no source of credentials'
}

export function takesSource({ traits }: ProviderSubject): boolean {
  return traits.credentials !== 'value'
}

/** For clauses about the messages between the first and the last. */
export function needsSeveralMessages({ subject }: ProviderBench): string | undefined {
  return subject.traits.messages > 1 ? undefined : 'its first message is its last'
}

/** For clauses about the record of a provider. */
export function needsRecord({ record }: ProviderBench): string | undefined {
  return record ? undefined : 'it carries no record of itself'
}
