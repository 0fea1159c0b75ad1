import type { Subject } from '../../src/suites.js'

/** A subject that breaks one promise: `breaks` names the clause that must notice, and the only one that may. */
export interface Mutant {
  readonly breaks: string
  readonly subject: Subject
}
