import {
  authError,
  type DriverAuthenticator,
  type DriverCallback,
  isDseAuthenticator,
} from '@x/auth-core/base'
import type { ProviderSubject } from '../../src/subject.js'
import type { Mutant } from './mutant.js'
import { PlainReferenceAuthenticator, plainReferenceSubject } from './plain-reference.js'
import type { Password } from './reference-provider.js'

const className = 'com.datastax.bdp.cassandra.auth.DseAuthenticator'
const start = 'PLAIN-START'

/** The reference with PLAIN, which sends the name of the mechanism first to DseAuthenticator. */
export class DseReferenceAuthenticator extends PlainReferenceAuthenticator {
  override complete = !this.negotiates()

  override first(): Buffer {
    return this.complete ? super.first() : Buffer.from(this.mechanism())
  }

  override evaluateChallenge(challenge: Uint8Array | null, callback: DriverCallback): void {
    if (this.outcome || this.complete) return super.evaluateChallenge(challenge, callback)
    this.callback = callback
    this.challenges += 1
    if (!this.isStart(challenge)) return this.fail(authError('CHALLENGE_INVALID', undefined, this.details))
    this.complete = true
    this.hand(super.first())
  }

  negotiates(): boolean {
    return isDseAuthenticator(this.authenticator)
  }

  mechanism(): string {
    return 'PLAIN'
  }

  isStart(challenge: Uint8Array | null): boolean {
    return challenge !== null && textOf(challenge) === start
  }
}

export function dseReferenceSubject(
  name: string,
  Authenticator: new (
    ...args: ConstructorParameters<typeof PlainReferenceAuthenticator>
  ) => DriverAuthenticator,
): ProviderSubject<Password> {
  const subject = plainReferenceSubject(name, Authenticator as typeof PlainReferenceAuthenticator)
  return {
    ...subject,
    traits: { ...subject.traits, messages: 2, protocolV1: false },
    // More tolerant than DSE, so that only the suite lets a mutant fail.
    server: (accounts) => ({
      name: className,
      newExchange: (connection) => {
        const plain = subject.server(accounts).newExchange(connection)
        let named = false
        return {
          respond: (token) => {
            if (named) return plain.respond(token)
            named = true
            return { challenge: Buffer.from(start) }
          },
        }
      },
    }),
  }
}

function mutant(breaks: string, flaw: string, Authenticator: typeof DseReferenceAuthenticator): Mutant {
  return { breaks, subject: dseReferenceSubject(`${breaks}: ${flaw}`, Authenticator) }
}

export const dseMutants: readonly Mutant[] = [
  mutant(
    'PROV-90',
    'ends the name with a newline',
    class extends DseReferenceAuthenticator {
      override mechanism(): string {
        return 'PLAIN\n'
      }
    },
  ),
  mutant(
    'PROV-91',
    'looks at the end of START only',
    class extends DseReferenceAuthenticator {
      override isStart(challenge: Uint8Array | null): boolean {
        return challenge !== null && textOf(challenge).endsWith('-START')
      }
    },
  ),
  mutant(
    'PROV-92',
    'looks at the beginning of START only',
    class extends DseReferenceAuthenticator {
      override isStart(challenge: Uint8Array | null): boolean {
        return challenge !== null && textOf(challenge).startsWith(start)
      }
    },
  ),
  mutant(
    'PROV-93',
    'takes nothing for START',
    class extends DseReferenceAuthenticator {
      override isStart(challenge: Uint8Array | null): boolean {
        return challenge === null || challenge.length === 0 || super.isStart(challenge)
      }
    },
  ),
  mutant(
    'PROV-94',
    'negotiates with everybody',
    class extends DseReferenceAuthenticator {
      override negotiates(): boolean {
        return true
      }
    },
  ),
]

function textOf(challenge: Uint8Array): string {
  return Buffer.from(challenge).toString('utf8')
}
