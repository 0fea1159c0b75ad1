import { type CredentialContext, isAuthError } from '@x/auth-core'
import { authError } from '@x/auth-core/base'
import type { SourceScenario, SourceState, SourceSubject, SourceUnderTest } from '../../src/source/subject.js'
import type { Mutant } from './mutant.js'

interface Answer {
  username: string
  password: string
  expiresAt: Date
}

/** A source that keeps every promise of the suite, in steps small enough that a mutant can break one. */
class ReferenceSource {
  state: SourceState
  readonly label: string
  calls = 0

  constructor({ state, label }: SourceScenario) {
    this.state = state
    this.label = label
  }

  rotations = 0

  get secret(): string {
    return `pass+word/${this.label}?${this.rotations || ''}`
  }

  async ask(context: CredentialContext): Promise<Answer> {
    this.calls += 1
    switch (this.state) {
      case 'failing':
        return this.fail()
      case 'unconfigured':
        throw authError('CREDENTIALS_NOT_CONFIGURED')
      case 'malformed':
        return this.malformed()
      case 'stuck':
        return this.stuck(context.signal)
      default:
        return this.answer()
    }
  }

  fail(): Promise<Answer> {
    throw authError('SOURCE_FAILED', 'The vault is sealed.')
  }

  malformed(): Promise<Answer> {
    throw authError('CREDENTIALS_INVALID', 'There is no password in it.')
  }

  stuck(signal: AbortSignal): Promise<Answer> {
    return new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason)
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
  }

  async answer(): Promise<Answer> {
    return { username: 'user', password: this.secret, expiresAt: this.expiresAt() }
  }

  expiresAt(): Date {
    return new Date(Date.now() + 3_600_000)
  }

  /** The source that the application gets: a function without visible properties. */
  toFunction(): (context: CredentialContext) => Promise<Answer> {
    return (context) => this.ask(context)
  }
}

function sourceSubject(name: string, Source: typeof ReferenceSource): SourceSubject {
  return {
    kind: 'source',
    name,
    states: ['good', 'failing', 'unconfigured', 'malformed', 'stuck'],
    expires: true,
    rotates: true,
    create(scenario): SourceUnderTest {
      const made = new Source(scenario)
      return {
        source: made.toFunction(),
        expected: { username: 'user', password: made.secret },
        secrets: [made.secret],
        rotate: () => {
          made.rotations += 1
          return { expected: { username: 'user', password: made.secret }, secrets: [made.secret] }
        },
        become: (state) => {
          made.state = state
        },
      }
    },
  }
}

function mutant(breaks: string, flaw: string, Source: typeof ReferenceSource): Mutant {
  return { breaks, subject: sourceSubject(`${breaks}: ${flaw}`, Source) }
}

export const sourceMutants: readonly Mutant[] = [
  mutant(
    'SRC-01',
    'forgets the password in its first answer',
    class extends ReferenceSource {
      override async answer(): Promise<Answer> {
        const answer = await super.answer()
        // If it is asked once more, or by fifty at once, it remembers.
        await new Promise((resolve) => setImmediate(resolve))
        return this.calls > 1 ? answer : this.forget(answer)
      }
      forget({ password: _password, ...answer }: Answer): Answer {
        return answer as Answer
      }
    },
  ),
  mutant(
    'SRC-02',
    'leaves out anyone who asks while it is busy',
    class extends ReferenceSource {
      busy = 0
      override async answer(): Promise<Answer> {
        this.busy += 1
        const many = this.busy > 1
        await new Promise((resolve) => setImmediate(resolve))
        this.busy -= 1
        return many ? ({} as Answer) : super.answer()
      }
    },
  ),
  mutant(
    'SRC-03',
    'gives all callers one object',
    class extends ReferenceSource {
      readonly shared = new Map<string, Promise<Answer>>()
      override answer(): Promise<Answer> {
        const answer = this.shared.get(this.secret) ?? super.answer()
        this.shared.set(this.secret, answer)
        return answer
      }
    },
  ),
  mutant(
    'SRC-04',
    'gives the end as text',
    class extends ReferenceSource {
      override expiresAt(): Date {
        return super.expiresAt().toISOString() as unknown as Date
      }
    },
  ),
  mutant(
    'SRC-05',
    'keeps a timer for its next renewal',
    class extends ReferenceSource {
      override answer(): Promise<Answer> {
        setTimeout(() => undefined, 2_000)
        return super.answer()
      }
    },
  ),
  mutant(
    'SRC-06',
    'keeps its first good answer forever',
    class extends ReferenceSource {
      first: Answer | undefined
      override async answer(): Promise<Answer> {
        this.first ??= await super.answer()
        return { ...this.first }
      }
    },
  ),
  mutant(
    'SRC-15',
    'gives up for good after ten failures in a row',
    class extends ReferenceSource {
      failures = 0
      override async ask(context: CredentialContext): Promise<Answer> {
        if (this.failures >= 10) throw authError('SOURCE_FAILED', 'The vault has failed too often.')
        const answer = await super.ask(context).catch((error) => {
          this.failures += 1
          throw error
        })
        this.failures = 0
        return answer
      }
    },
  ),
  mutant(
    'SRC-10',
    'says that it is not configured when it is broken',
    class extends ReferenceSource {
      override fail(): Promise<Answer> {
        throw authError('CREDENTIALS_NOT_CONFIGURED')
      }
    },
  ),
  mutant(
    'SRC-11',
    'says that it is broken when it is not configured',
    class extends ReferenceSource {
      override async ask(context: CredentialContext): Promise<Answer> {
        return super.ask(context).catch((error) => {
          throw isAuthError(error) && error.code === 'CREDENTIALS_NOT_CONFIGURED'
            ? authError('SOURCE_FAILED')
            : error
        })
      }
    },
  ),
  mutant(
    'SRC-12',
    'lets the error of its parser through',
    class extends ReferenceSource {
      override malformed(): Promise<Answer> {
        return JSON.parse('{ "username": ')
      }
    },
  ),
  mutant(
    'SRC-13',
    'fails for the five logins after a failure as well',
    class extends ReferenceSource {
      failed: Promise<Answer> | undefined
      left = 0
      override async ask(context: CredentialContext): Promise<Answer> {
        if (this.failed && this.left-- > 0) return this.failed
        const asked = super.ask(context)
        asked.catch(() => {
          this.failed = asked
          this.left = 5
        })
        return asked
      }
    },
  ),
  mutant(
    'SRC-14',
    'does not listen to the signal',
    class extends ReferenceSource {
      override stuck(): Promise<Answer> {
        return new Promise(() => {})
      }
    },
  ),
  mutant(
    'SRC-20',
    'quotes what it cannot parse',
    class extends ReferenceSource {
      override malformed(): Promise<Answer> {
        throw authError('CREDENTIALS_INVALID', `There is no password in "user: ${this.secret}".`)
      }
    },
  ),
  mutant(
    'SRC-21',
    'keeps its last answer where everybody can see it',
    class extends ReferenceSource {
      override toFunction() {
        const source = (context: CredentialContext) =>
          this.ask(context).then((answer) => {
            source.last = { ...answer }
            return answer
          })
        source.last = undefined as Answer | undefined
        return source
      }
    },
  ),
  mutant(
    'SRC-22',
    'warns with the value that it dislikes',
    class extends ReferenceSource {
      override malformed(): Promise<Answer> {
        console.warn(`ignoring ${encodeURIComponent(this.secret)}`)
        return super.malformed()
      }
    },
  ),
]

export const sourceReferences = [sourceSubject('the reference source', ReferenceSource)]
