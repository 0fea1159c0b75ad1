/** Runs the suite on every source and combinator of auth-core. auth-core itself must not know this package. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Clock,
  type CredentialContext,
  type CredentialSource,
  cached,
  chain,
  fromEnv,
  fromFile,
} from '@x/auth-core'
import { systemClock } from '@x/auth-core/base'
import { fromSecretsManager } from '@x/auth-core/sources/from-secrets-manager'
import { VirtualClock } from '../src/lib/time/virtual-clock.js'
import type { SourceScenario, SourceState, SourceSubject, SourceUnderTest } from '../src/source/subject.js'
import { sourceSuite } from '../src/suites.js'

const secretOf = (label: string) => `pass+word/${label}?`
const goodJson = (label: string) => JSON.stringify({ username: 'user', password: secretOf(label) })
/** Cut in the middle of the secret, so that a parser has something to quote. */
const badJson = (label: string) => goodJson(label).slice(0, -4)

/** The common part of all: a user and a secret, and control over the state. */
function under(
  { label }: SourceScenario,
  source: CredentialSource<unknown>,
  become: (state: SourceState) => void,
  close: () => void = () => undefined,
): SourceUnderTest {
  const password = secretOf(label)
  return { source, expected: { username: 'user', password }, secrets: [password], become, close }
}

function rotated(label: string) {
  const password = secretOf(label)
  return { expected: { username: 'user', password }, secrets: [password] }
}

const environment: SourceSubject = {
  kind: 'source',
  name: 'fromEnv',
  states: ['good', 'unconfigured'],
  create(scenario) {
    const variables: Record<string, string> = {}
    const become = (state: SourceState) => {
      delete variables['DB_PASSWORD']
      variables['DB_USER'] = 'user'
      if (state === 'good') variables['DB_PASSWORD'] = secretOf(scenario.label)
    }
    become(scenario.state)
    return under(
      scenario,
      fromEnv({ username: 'DB_USER', password: 'DB_PASSWORD' }, { environment: variables }),
      become,
    )
  },
}

/** A file of an agent. `failing`: there is a folder instead of the file. */
function fileSubject(
  name: string,
  write: (path: string, label: string, state: SourceState) => void,
  wrap: (source: CredentialSource<unknown>) => CredentialSource<unknown> = (source) => source,
  states: readonly SourceState[] = ['good', 'unconfigured', 'malformed'],
): SourceSubject {
  return {
    kind: 'source',
    name,
    states,
    create(scenario) {
      const folder = mkdtempSync(join(tmpdir(), 'x-auth-source-'))
      const path = join(folder, 'secret')
      const become = (state: SourceState) => {
        rmSync(path, { recursive: true, force: true })
        if (state !== 'unconfigured') write(path, scenario.label, state)
      }
      become(scenario.state)
      const source = wrap(fromFile({ path, settleMs: 1 }) as CredentialSource<unknown>)
      return under(scenario, source, become, () => rmSync(folder, { recursive: true, force: true }))
    },
  }
}

function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

const json = (path: string, label: string, state: SourceState) =>
  replace(path, state === 'good' ? goodJson(label) : badJson(label))
const keyValue = (path: string, label: string, state: SourceState) =>
  replace(path, state === 'good' ? `username=user\npassword=${secretOf(label)}\n` : `${secretOf(label)}\n`)
const secretFolder = (path: string, label: string) => {
  mkdirSync(path)
  writeFileSync(join(path, 'username'), 'user')
  writeFileSync(join(path, 'password'), secretOf(label))
}

/** A function of the application, in every state. */
function functionSource(scenario: SourceScenario, expiring = false) {
  let { state, label } = scenario
  const source = async ({ signal }: CredentialContext) => {
    if (state === 'failing') throw new Error('the vault is sealed')
    if (state === 'stuck')
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    if (state === 'malformed') return JSON.parse(badJson(label))
    const expiresAt = expiring ? { expiresAt: new Date(Date.now() + 3_600_000) } : {}
    return { ...JSON.parse(goodJson(label)), ...expiresAt }
  }
  return {
    source: source as CredentialSource<unknown>,
    rotate: () => {
      label += 'x'
      return rotated(label)
    },
    become: (next: SourceState) => {
      state = next
    },
  }
}

type Wrap = (source: CredentialSource<unknown>, clock: Clock) => CredentialSource<unknown>

const combined = (name: string, wrap: Wrap): SourceSubject => ({
  kind: 'source',
  name,
  states: ['good', 'failing', 'malformed', 'stuck'],
  expires: true,
  rotates: true,
  create(scenario) {
    const { source, become, rotate } = functionSource(scenario, true)
    let passed = 0
    const clock: Clock = { ...systemClock, now: () => systemClock.now() + passed }
    const made = under(scenario, wrap(source, clock), (state) => {
      become(state)
      // After a failure, a cache does not ask its source for a while. That time has passed now.
      passed += 1_000
    })
    return { ...made, rotate }
  },
})

/** A source with its own clock, whose answers live for a minute. */
const keeping = (name: string, wrap: Wrap): SourceSubject => ({
  kind: 'source',
  name,
  states: ['good'],
  expires: true,
  keeps: true,
  rotates: true,
  create(scenario) {
    let { label } = scenario
    const clock = new VirtualClock()
    const lifeMs = 60_000
    let questions = 0
    const source = () => {
      questions += 1
      return { ...JSON.parse(goodJson(label)), expiresAt: new Date(clock.now() + lifeMs) }
    }
    return {
      rotate: () => {
        label += 'x'
        return rotated(label)
      },
      ...under(scenario, wrap(source, clock), () => undefined),
      kept: {
        lifeMs,
        questions: () => questions,
        pass: (ms) => clock.advance(ms),
        jump: (ms) => clock.jump(ms),
      },
    }
  },
})

const nowhere = fromEnv({ username: 'NOT_SET_ANYWHERE' }, { environment: {} }) as CredentialSource<unknown>

/** The SDK's client, with the only method that is used, and with the errors of the service. */
const secretsManager: SourceSubject = {
  kind: 'source',
  name: 'fromSecretsManager',
  states: ['good', 'failing', 'unconfigured', 'malformed'],
  rotates: true,
  create(scenario) {
    let { state, label } = scenario
    const client = {
      getSecretValue: async () => {
        if (state === 'failing') throw new Error('connect ECONNREFUSED')
        if (state === 'unconfigured')
          throw Object.assign(new Error('no such secret'), { name: 'ResourceNotFoundException' })
        return { SecretString: state === 'good' ? goodJson(label) : badJson(label) }
      },
    }
    const made = under(
      scenario,
      fromSecretsManager({ secretId: 'app', client }) as CredentialSource<unknown>,
      (next) => {
        state = next
      },
    )
    const rotate = () => {
      label += 'x'
      return rotated(label)
    }
    return { ...made, rotate }
  },
}

const subjects: readonly SourceSubject[] = [
  environment,
  fileSubject('fromFile, JSON', json),
  fileSubject('fromFile, key=value', keyValue),
  fileSubject('fromFile, a folder of secrets', secretFolder, undefined, ['good', 'unconfigured']),
  fileSubject('cached(fromFile)', json, (source) => cached(source, { minRefetchMs: 1 })),
  combined('chain', (source) => chain(nowhere, source)),
  combined('cached', (source, clock) => cached(source, { clock })),
  combined('cached(chain(cached))', (source, clock) =>
    cached(chain(nowhere, cached(source, { clock })), { clock }),
  ),
  secretsManager,
  keeping('cached, on a clock', (source, clock) => cached(source, { clock })),
  keeping('cached for each server, on a clock', (source, clock) =>
    cached(source, { clock, scope: 'endpoint' }),
  ),
]

for (const subject of subjects) sourceSuite(subject, { describe, test })

const core = join(__dirname, '../../auth-core')
const files = readdirSync(join(core, 'src/sources')).map((file) => file.replace(/\.ts$/, ''))

/** What each file of a source needs in other files. If something is missing, the error says where. */
test.each(files)('sources/%s.ts has a subject here, a subpath, and a place in the documentation', (file) => {
  const name = file.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const { exports } = JSON.parse(readFileSync(join(core, 'package.json'), 'utf8'))
  const docs = readFileSync(join(__dirname, '../../../docs/credentials.md'), 'utf8')
  const named = new RegExp(`\\b${name}\\b`)
  const places: readonly (readonly [boolean, string])[] = [
    [
      subjects.some((subject) => named.test(subject.name)),
      `a subject of ${name} in auth-conformance/test/sources.test.ts`,
    ],
    [exports[`./sources/${file}`] !== undefined, `the subpath ./sources/${file} in auth-core/package.json`],
    [docs.includes(`\`${name}(`), `\`${name}(…)\` in docs/credentials.md`],
  ]
  expect(places.filter(([there]) => !there).map(([, place]) => `missing: ${place}`)).toEqual([])
})
