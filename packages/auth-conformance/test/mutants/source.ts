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

  get secret(): string {
    return `pass+word/${this.label}?`
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

  /** What the application holds in its hands: a function, without anything to see. */
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
    create(scenario): SourceUnderTest {
      const made = new Source(scenario)
      return {
        source: made.toFunction(),
        expected: { username: 'user', password: made.secret },
        secrets: [made.secret],
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
        // Asked once more, or by fifty at once, it remembers.
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
      shared: Promise<Answer> | undefined
      override answer(): Promise<Answer> {
        this.shared ??= super.answer()
        return this.shared
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
    'remembers its failure forever',
    class extends ReferenceSource {
      failed: Promise<Answer> | undefined
      override async ask(context: CredentialContext): Promise<Answer> {
        if (this.failed) return this.failed
        const asked = super.ask(context)
        asked.catch(() => {
          this.failed = asked
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
