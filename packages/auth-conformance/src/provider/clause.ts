import type { Clause } from '../clause.js'
import type { ProviderBench } from './bench.js'

export type ProviderClause = Clause<ProviderBench>
