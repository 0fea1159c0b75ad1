/** OAUTHBEARER (RFC 7628) in steps small enough that a mutant can break one, and its mutants. */
import type { AuthError } from '@x/auth-core'
import {
  authError,
  type ClientStep,
  type Conversation,
  finish,
  giveUp,
  type OneWayMechanism,
  type SuccessToken,
  withoutData,
} from '@x/auth-core/base'
import { oauthBearerServer, saslAuthenticator } from '@x/auth-testserver'
import type { MechanismSubject } from '../../src/mechanism/subject.js'
import type { Mutant } from './mutant.js'

interface Bearer {
  readonly token: string
  readonly authorizationId: string
}

class ReferenceOAuthBearer implements OneWayMechanism<Bearer> {
  readonly name = 'OAUTHBEARER'
  readonly clientFirst = true
  readonly mutual = false
  readonly cleartext = true
  readonly spec = 'RFC 7628'

  parseCredentials(value: unknown): Bearer {
    const { token, authorizationId = '' } = (value ?? {}) as Partial<Bearer>
    if (typeof token !== 'string' || typeof authorizationId !== 'string') {
      throw authError('CREDENTIALS_INVALID')
    }
    return { token, authorizationId }
  }

  async *converse({ token, authorizationId }: Bearer): Conversation<void> {
    const header = authorizationId === '' ? 'n,,' : `n,a=${this.escape(authorizationId)},`
    const challenge = yield finish(Buffer.from(`${header}\x01auth=Bearer ${token}\x01\x01`), this.ending())
    const words = Buffer.from(challenge ?? []).toString('utf8')
    if (!/^\{.*\}$/s.test(words)) throw authError('CHALLENGE_INVALID')
    const error = this.refusal(this.shown(words, token))
    yield this.answer(error)
    throw error
  }

  ending(): (token: SuccessToken) => void {
    return withoutData(() => undefined)
  }

  escape(role: string): string {
    return role.replaceAll('=', '=3D').replaceAll(',', '=2C')
  }

  /** The part of the server's text that may be printed. */
  shown(words: string, _token: string): string {
    return ['insufficient_scope', 'invalid_token'].find((known) => words.includes(`"${known}"`)) ?? 'no'
  }

  refusal(words: string): AuthError {
    return authError('LOGIN_REFUSED', `The server answered ${words}.`)
  }

  answer(error: AuthError): ClientStep<void> {
    return giveUp(Buffer.of(1), error)
  }
}

function subject(name: string, mechanism: ReferenceOAuthBearer): MechanismSubject {
  return {
    kind: 'mechanism',
    name,
    mechanism: mechanism as MechanismSubject['mechanism'],
    account(label) {
      const token = `token.${label}`
      return { username: `user-${label}`, credentials: { token }, secrets: [token] }
    },
    server: (accounts) => {
      const tokens = Object.fromEntries(accounts.map(({ username, secrets }) => [secrets[0], username]))
      return saslAuthenticator(oauthBearerServer({ tokens }))
    },
  }
}

function mutant(breaks: string, flaw: string, Mechanism: typeof ReferenceOAuthBearer): Mutant {
  return { breaks, subject: subject(`${breaks}: ${flaw}`, new Mechanism()) }
}

export const oauthBearerMutants: readonly Mutant[] = [
  mutant(
    'MECH-29',
    'takes a refusal for a success, where it comes with one',
    class extends ReferenceOAuthBearer {
      override ending() {
        return () => undefined
      }
    },
  ),
  mutant(
    'MECH-60',
    'writes the first = and the first , of an authorization id in the way of a saslname',
    class extends ReferenceOAuthBearer {
      override escape(role: string): string {
        return role.replace('=', '=3D').replace(',', '=2C')
      }
    },
  ),
  mutant(
    'MECH-61',
    'answers a refusal with zero bytes',
    class extends ReferenceOAuthBearer {
      override answer(error: AuthError): ClientStep<void> {
        return giveUp(Buffer.alloc(0), error)
      }
    },
  ),
  mutant(
    'MECH-62',
    'says of a refusal only that it was one',
    class extends ReferenceOAuthBearer {
      override refusal(): AuthError {
        return authError('LOGIN_REFUSED')
      }
    },
  ),
  mutant(
    'MECH-63',
    'repeats a status that is the token',
    class extends ReferenceOAuthBearer {
      override shown(words: string, token: string): string {
        return words.includes(`"${token}"`) ? token : super.shown(words, token)
      }
    },
  ),
  mutant(
    'MECH-65',
    'cuts the token out of the words of the server',
    class extends ReferenceOAuthBearer {
      override shown(words: string, token: string): string {
        return words.replaceAll(token, '[secret]')
      }
    },
  ),
  mutant(
    'MECH-64',
    'lets the server change its mind',
    class extends ReferenceOAuthBearer {
      override answer(): ClientStep<void> {
        return finish(Buffer.of(1))
      }
    },
  ),
]

export const oauthBearerReferences = [subject('the reference of OAUTHBEARER', new ReferenceOAuthBearer())]
