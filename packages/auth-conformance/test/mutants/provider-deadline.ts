import type { Mutant } from './mutant.js'
import { authenticatorMutant } from './provider-mutant.js'
import { ReferenceAuthenticator } from './reference-provider.js'

export const deadlineMutants: readonly Mutant[] = [
  authenticatorMutant(
    'PROV-20',
    'trusts a server to answer its first message',
    class extends ReferenceAuthenticator {
      override deadlinePassed(): void {
        if (!this.handed || this.challenges > 0) super.deadlinePassed()
      }
    },
  ),
  authenticatorMutant(
    'PROV-21',
    'aborts its source and waits for it to obey',
    class extends ReferenceAuthenticator {
      override deadlinePassed(): void {
        if (this.handed) super.deadlinePassed()
        else this.abort.abort()
      }
    },
  ),
  authenticatorMutant(
    'PROV-22',
    'begins to count again at each challenge',
    class extends ReferenceAuthenticator {
      override answer(challenge: Uint8Array): Buffer {
        clearTimeout(this.timer)
        this.startTimer()
        return super.answer(challenge)
      }
    },
  ),
  authenticatorMutant(
    'PROV-23',
    'gives a server half a second, whatever the deadline',
    class extends ReferenceAuthenticator {
      override hand(token: Buffer): void {
        super.hand(token)
        if (this.complete) setTimeout(() => this.deadlinePassed(), 500).unref()
      }
    },
  ),
  authenticatorMutant(
    'PROV-24',
    'gives a source half a second, whatever the deadline',
    class extends ReferenceAuthenticator {
      override async obtain(): Promise<unknown> {
        const impatient = setTimeout(() => this.deadlinePassed(), 500).unref()
        return super.obtain().finally(() => clearTimeout(impatient))
      }
    },
  ),
  authenticatorMutant(
    'PROV-25',
    'lets the process end while its source works',
    class extends ReferenceAuthenticator {
      override startTimer(): void {
        super.startTimer()
        this.timer?.unref()
      }
    },
  ),
  authenticatorMutant(
    'PROV-26',
    'keeps the process alive until the deadline of a refused login',
    class extends ReferenceAuthenticator {
      override hand(token: Buffer): void {
        super.hand(token)
        this.timer?.ref()
      }
    },
  ),
]
