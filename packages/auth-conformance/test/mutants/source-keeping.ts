import type { CredentialContext, Timer } from '@x/auth-core'
import { VirtualClock } from '../../src/lib/time/virtual-clock.js'
import type { SourceSubject, SourceUnderTest } from '../../src/source/subject.js'
import type { Mutant } from './mutant.js'

interface Answer {
  readonly username: string
  readonly password: string
  readonly expiresAt: Date
}

const lifeMs = 60_000

/** A source that keeps its answers, in steps small enough that a mutant can break one. */
class KeepingSource {
  readonly clock = new VirtualClock()
  readonly #secret: string
  #kept: Promise<Answer> | undefined
  #endsAt = 0
  #refused = false
  #timer: Timer | undefined
  questions = 0

  constructor(secret: string) {
    this.#secret = secret
  }

  ask(context: CredentialContext): Promise<Answer> {
    if (!this.#kept || this.#refused || this.clock.now() >= this.#endsAt - this.marginMs()) this.renew()
    this.follow(context)
    return this.#kept as Promise<Answer>
  }

  renew(): void {
    this.#refused = false
    this.#kept = this.fetch()
    this.#timer?.cancel()
    this.#timer = this.clock.schedule(this.renewAfterMs(), () => this.renew())
  }

  async fetch(): Promise<Answer> {
    this.questions += 1
    this.#endsAt = this.clock.now() + lifeMs
    return Object.freeze({ username: 'user', password: this.#secret, expiresAt: new Date(this.#endsAt) })
  }

  follow({ observeLogin }: CredentialContext): void {
    observeLogin?.((progress) => {
      if (progress === 'refused') this.refuse()
    })
  }

  refuse(): void {
    this.#refused = true
  }

  forget(): void {
    this.#kept = undefined
  }

  marginMs(): number {
    return 1_000
  }

  renewAfterMs(): number {
    return lifeMs / 2
  }
}

function keepingSubject(name: string, Source: typeof KeepingSource): SourceSubject {
  return {
    kind: 'source',
    name,
    states: ['good'],
    expires: true,
    keeps: true,
    create({ label }): SourceUnderTest {
      const password = `pass+word/${label}?`
      const made = new Source(password)
      return {
        source: (context) => made.ask(context),
        expected: { username: 'user', password },
        secrets: [password],
        kept: {
          lifeMs,
          questions: () => made.questions,
          pass: (ms) => made.clock.advance(ms),
          jump: (ms) => made.clock.jump(ms),
        },
      }
    },
  }
}

function mutant(breaks: string, flaw: string, Source: typeof KeepingSource): Mutant {
  return { breaks, subject: keepingSubject(`${breaks}: ${flaw}`, Source) }
}

export const keepingMutants: readonly Mutant[] = [
  mutant(
    'SRC-30',
    'asks for the first of many logins, and once more for the rest',
    class extends KeepingSource {
      asked = 0
      override ask(context: CredentialContext): Promise<Answer> {
        if (!context.observeLogin && ++this.asked === 2) this.forget()
        return super.ask(context)
      }
    },
  ),
  mutant(
    'SRC-31',
    'renews only when somebody asks',
    class extends KeepingSource {
      override renewAfterMs(): number {
        return 10 * lifeMs
      }
    },
  ),
  mutant(
    'SRC-32',
    'does not listen to what becomes of a login',
    class extends KeepingSource {
      override refuse(): void {}
    },
  ),
  mutant(
    'SRC-33',
    'hands out an answer to its last moment',
    class extends KeepingSource {
      override marginMs(): number {
        return 0
      }
    },
  ),
  mutant(
    'SRC-34',
    'takes a login for refused that has no success after half a second',
    class extends KeepingSource {
      oldest: number | undefined
      override ask(context: CredentialContext): Promise<Answer> {
        if (this.oldest !== undefined && this.clock.now() - this.oldest > 500) this.refuse()
        return super.ask(context)
      }
      override follow(context: CredentialContext): void {
        super.follow(context)
        context.observeLogin?.((progress) => {
          if (progress === 'sent') this.oldest ??= this.clock.now()
        })
      }
    },
  ),
]

export const keepingReferences = [
  keepingSubject('the reference source that keeps its answers', KeepingSource),
]
