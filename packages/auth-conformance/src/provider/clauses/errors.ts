import { check } from '../../clause.js'
import { describeValue, isError } from '../../lib/time/waiting.js'
import type { SubjectSource } from '../../subject.js'
import type { ProviderBench } from '../bench.js'
import { needsSource, type ProviderClause } from '../clause.js'
import type { Call } from '../dialogue.js'

/** What an application can do with a failure. */
export const errorClauses: readonly ProviderClause[] = [
  {
    id: 'PROV-50',
    level: 'should',
    source: 'this suite',
    title: 'ends a failed login with an error that has a code and names the endpoint',
    async run(bench) {
      const { error } = await failure(bench)
      if (!isError(error)) return check(false, 'no Error was called back')
      const { code, endpoint, message } = error as Error & { code?: unknown; endpoint?: unknown }
      check(typeof code === 'string' && code !== '', 'the error has no code')
      const named = endpoint === '127.0.0.1:9042' || message.includes('127.0.0.1:9042')
      check(named, 'the error does not say which connection failed')
    },
  },
  {
    id: 'PROV-51',
    level: 'must',
    source: 'gocql: PasswordAuthenticator.AllowedAuthenticators',
    title: 'refuses an authenticator that is not on its list before it touches a credential',
    notFor: (bench) =>
      needsSource(bench) ??
      (bench.subject.traits.authenticators ? undefined : 'it has no list of authenticators'),
    async run(bench) {
      let asked = false
      const credentials: SubjectSource = () => {
        asked = true
        return bench.account.credentials
      }
      const provider = bench.create({ credentials, authenticators: [bench.authenticatorName] })
      const { error } = await bench.dialogue(provider, undefined, 'org.example.Stranger').start()
      check(Boolean(error), 'a stranger was answered')
      check(!asked, 'the source was asked on behalf of a stranger')
    },
  },
  {
    id: 'PROV-56',
    level: 'must',
    source: 'this suite: a list contains exact names',
    title: 'does not accept a name because a part of it is on its list',
    notFor: ({ subject }) => (subject.traits.authenticators ? undefined : 'it has no list of authenticators'),
    async run(bench) {
      const name = bench.authenticatorName
      for (const authenticators of [[name], [name, 'org.example.Other']]) {
        for (const stranger of strangersLike(name)) {
          const { error } = await bench
            .dialogue(bench.create({ authenticators }), undefined, stranger)
            .start()
          check(
            Boolean(error),
            `${JSON.stringify(stranger)} was answered, though the list is «${authenticators.join(', ')}»`,
          )
        }
      }
    },
  },
  {
    id: 'PROV-52',
    level: 'must',
    source: 'this suite: an answer that a server did not ask for may log the client in as another user',
    title: 'hands nothing to an authenticator of another kind, unless an option allows it',
    notFor: ({ subject }) =>
      subject.traits.ownKindOnly ? undefined : 'it answers any authenticator until it is given a list',
    async run(bench) {
      for (const stranger of ['org.example.Stranger', `${bench.authenticatorName}.Stranger`, '']) {
        const { error } = await bench.dialogue(bench.create(), undefined, stranger).start()
        check(Boolean(error), `«${stranger}» was answered`)
      }
    },
  },
  {
    id: 'PROV-63',
    level: 'must',
    source:
      'this suite: a list that is empty because of an unset environment variable must not allow all names',
    title: 'refuses, at construction, an empty list of authenticators; undefined means no list',
    notFor: ({ subject }) => (subject.traits.authenticators ? undefined : 'it has no list of authenticators'),
    async run(bench) {
      for (const authenticators of lists) {
        const shown = describeValue(authenticators)
        const make = () => bench.create({ authenticators: authenticators as never })
        check(throws(make), `the list ${shown} was accepted`)
      }
      check(!throws(() => bench.create({ authenticators: undefined as never })), 'undefined was refused')
    },
  },
]

/** Other names that a comparison of parts, a pattern or a locale takes for this one. */
function strangersLike(name: string): readonly string[] {
  const simple = name.slice(name.lastIndexOf('.') + 1)
  const others = [
    simple,
    name.slice(0, -1),
    name.slice(1),
    `${name}2`,
    `${name}.Stranger`,
    `${name}$Stranger`,
    `x${name}`,
    `org.example.${simple}`,
    name.toLowerCase(),
    name.toUpperCase(),
    name.replaceAll('.', 'x'),
    name.replaceAll('.', ''),
    name.replace('a', 'á'),
    ` ${name}`,
    `${name} `,
    `${name}\n`,
    `${name}\nx`,
    `${name}\0`,
    `x,${name}`,
    'org.example.Stranger',
  ]
  return others.filter((other) => other !== name)
}

/** Values that are not a list with an entry. */
const lists: readonly unknown[] = [
  null,
  '',
  'PasswordAuthenticator',
  {},
  0,
  [],
  [undefined],
  [null],
  [{}],
  [''],
  [0],
  ['PasswordAuthenticator', undefined],
]

function throws(action: () => unknown): boolean {
  try {
    action()
    return false
  } catch {
    return true
  }
}

/** A login that fails on the client's side, because of a challenge that does not fit its mechanism. */
async function failure(bench: ProviderBench): Promise<Call> {
  const dialogue = bench.dialogue(bench.create())
  await dialogue.start()
  return dialogue.challenge(Buffer.from('and another thing'))
}
