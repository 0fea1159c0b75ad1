import type { CredentialSource } from '@x/auth-core'

/**
 * What a source can be up against. `failing`: it is configured, and what is behind it refuses or is down.
 * `unconfigured`: nobody has set it up here. `malformed`: what it finds has not the form that it needs.
 * `stuck`: what is behind it never answers.
 */
export type SourceState = 'good' | 'failing' | 'unconfigured' | 'malformed' | 'stuck'

/** What the suite asks `create` for. */
export interface SourceScenario {
  /** To be part of every secret; new each time, with only the characters a–z and 0–9. */
  readonly label: string
  readonly state: SourceState
}

/** A hand on the time of a source that keeps its answers, and on what is behind it. */
export interface KeptAnswers {
  /** How long an answer lives, in ms. */
  readonly lifeMs: number
  /** How often what is behind it was asked. */
  questions(): number
  /** Lets time pass; timers fire. */
  pass(ms: number): Promise<void>
  /** Sets its clock forward, as after a sleep of the machine; no timer fires. */
  jump(ms: number): void
}

/** A source, and what is known of it. */
export interface SourceUnderTest {
  readonly source: CredentialSource<unknown>
  /** The fields that a good answer has; it may have more. */
  readonly expected: Readonly<Record<string, unknown>>
  /** What must never be seen; also where the source is malformed or failing. */
  readonly secrets: readonly string[]
  /** Of a source that keeps its answers. */
  readonly kept?: KeptAnswers
  /** What is behind it has another secret from now on: `expected` and `secrets` of that. Where the subject `rotates`. */
  rotate?(): Pick<SourceUnderTest, 'expected' | 'secrets'>
  /** Puts it into another state. */
  become?(state: SourceState): void | Promise<void>
  close?(): void | Promise<void>
}

/** A source of credentials, or a combinator around one, to be tested. */
export interface SourceSubject {
  readonly kind: 'source'
  readonly name: string
  /** The states that it can be put into; what needs another one is shown as not applicable. */
  readonly states: readonly SourceState[]
  /** Whether its answers carry `expiresAt`. Default false. */
  readonly expires?: boolean
  /** Whether it keeps its answers and gives the same one to many logins; then `create` gives `kept`. Default false. */
  readonly keeps?: boolean
  /** Whether what is behind it can change; then `create` gives `rotate`. Default false. */
  readonly rotates?: boolean
  create(scenario: SourceScenario): SourceUnderTest | Promise<SourceUnderTest>
}
