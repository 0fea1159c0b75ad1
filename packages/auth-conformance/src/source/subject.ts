import type { CredentialSource } from '@x/auth-core'

/**
 * The states of a source. `failing`: it is configured, but its store refuses or is down. `unconfigured`: it is not set
 * up here. `malformed`: what it finds does not have the required form. `stuck`: its store never answers.
 */
export type SourceState = 'good' | 'failing' | 'unconfigured' | 'malformed' | 'stuck'

/** What the suite asks `create` for. */
export interface SourceScenario {
  /** Must be a part of every secret. It is new each time, and has only the characters a–z and 0–9. */
  readonly label: string
  readonly state: SourceState
}

/** Controls the time of a source that keeps its answers, and counts the questions to its store. */
export interface KeptAnswers {
  /** How long an answer lives, in milliseconds. */
  readonly lifeMs: number
  /** How many times its store was asked. */
  questions(): number
  /** Lets time pass, in milliseconds. Timers fire. */
  pass(ms: number): Promise<void>
  /** Sets its clock forward, as after a sleep of the machine, in milliseconds. No timer fires. */
  jump(ms: number): void
}

/** A source and the facts about it. */
export interface SourceUnderTest {
  readonly source: CredentialSource<unknown>
  /** The fields that a good answer has; it may have more. */
  readonly expected: Readonly<Record<string, unknown>>
  /** Texts that must never be shown, also if the source is malformed or failing. */
  readonly secrets: readonly string[]
  /** Only for a source that keeps its answers. */
  readonly kept?: KeptAnswers
  /** Changes the secret in its store, and returns `expected` and `secrets` for it. Only if the subject `rotates`. */
  rotate?(): Pick<SourceUnderTest, 'expected' | 'secrets'>
  /** Puts it into another state. */
  become?(state: SourceState): void | Promise<void>
  close?(): void | Promise<void>
}

/** A source of credentials, or a combinator around one, to be tested. */
export interface SourceSubject {
  readonly kind: 'source'
  readonly name: string
  /** The states that it supports. Clauses that need another one do not apply. */
  readonly states: readonly SourceState[]
  /** Whether its answers carry `expiresAt`. Default false. */
  readonly expires?: boolean
  /** Whether it keeps its answers and gives the same one to many logins; then `create` returns `kept`. Default false. */
  readonly keeps?: boolean
  /** Whether the secret in its store can change; then `create` returns `rotate`. Default false. */
  readonly rotates?: boolean
  create(scenario: SourceScenario): SourceUnderTest | Promise<SourceUnderTest>
}
