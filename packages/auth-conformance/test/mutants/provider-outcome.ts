import type { Mutant } from './mutant.js'
import { authenticatorMutant } from './provider-mutant.js'
import { ReferenceAuthenticator } from './reference-provider.js'

export const outcomeMutants: readonly Mutant[] = [
  authenticatorMutant(
    'PROV-10',
    'calls its error back twice',
    class extends ReferenceAuthenticator {
      override tell(outcome: 'success' | Error): void {
        super.tell(outcome)
        setTimeout(() => super.tell(outcome), 20)
      }
    },
  ),
  authenticatorMutant(
    'PROV-11',
    'forgets its deadline after success',
    class extends ReferenceAuthenticator {
      override succeed(): void {
        const { timer } = this
        this.timer = undefined
        super.succeed()
        this.timer = timer
      }
      override deadlinePassed(): void {
        if (this.outcome === 'success') this.callback(new Error('deadline'))
        else super.deadlinePassed()
      }
    },
  ),
  authenticatorMutant(
    'PROV-12',
    'sends what the source says after the deadline',
    class extends ReferenceAuthenticator {
      override get over(): boolean {
        return false
      }
    },
  ),
]
