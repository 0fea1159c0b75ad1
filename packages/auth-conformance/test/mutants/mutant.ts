import type { Subject } from '../../src/suites.js'

/** A subject that breaks one promise: `breaks` names the only clause that must notice it. */
export interface Mutant {
  readonly breaks: string
  readonly subject: Subject
}
