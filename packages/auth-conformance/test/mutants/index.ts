import type { Mutant } from './mutant.js'
import { outcomeMutants } from './provider-outcome.js'
import { ReferenceProvider, referenceSubject } from './reference-provider.js'

/** Every mutant of every suite. */
export const mutants: readonly Mutant[] = [...outcomeMutants]

/** What they are mutants of; these keep every promise. */
export const references = [referenceSubject('the reference provider', ReferenceProvider)]
