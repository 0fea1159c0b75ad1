/**
 * The toys of the drill. A place is a file, or lines that follow other lines in a file. The place is left out in `round`;
 * then `check` runs, and its output must match `says`. Places of round 0 are never left out. `without`: what is written
 * instead.
 */
const mechanism = {
  tests: ['x-drill', 'X-DRILL', 'names every mechanism', 'has vectors'],
  places: [
    {
      title: 'the line of a mechanism in registry.ts',
      round: 1,
      file: 'packages/auth-sasl/src/registry.ts',
      after: 'const files = eachWithItsRow({\n',
      insert:
        "  'X-DRILL': (): typeof import('./mechanisms/x-drill.js') => require('./mechanisms/x-drill.js'),\n",
      check: ['jest packages/auth-sasl/test/registry.test.ts'],
      says: /mechanisms\/x-drill\.ts has a row/,
    },
    {
      title: 'the vectors of a mechanism',
      round: 2,
      file: 'vectors/x-drill.json',
      content: JSON.stringify({
        description: 'X-DRILL: the toy of the drill',
        cases: [
          {
            name: 'a word',
            source: 'the drill',
            mechanism: 'X-DRILL',
            credentials: { drillWord: 'up' },
            exchange: [{ client: 'up' }],
            proof: 'none',
          },
        ],
      }),
      check: [
        'jest packages/auth-sasl/test/registry.test.ts',
        'jest packages/auth-sasl/test/vectors.test.ts',
      ],
      says: /X-DRILL has vectors/,
    },
    {
      title: 'the server side of a mechanism, in the vector test of the test server',
      round: 3,
      file: 'packages/auth-testserver/test/sasl/vectors.test.ts',
      after: "    case 'ANONYMOUS':\n      return anonymousServer(server)\n",
      insert: `    case 'X-DRILL':
      return () => ({
        respond(token) {
          if (token === null) return { failure: 'java.lang.NullPointerException', code: 0x0000 }
          const right = Buffer.from(token).toString() === 'up'
          return right ? { success: null, username } : { failure: 'another word' }
        },
      })
`,
      check: ['jest packages/auth-testserver/test/sasl/vectors.test.ts'],
      says: /add its server side to src\/sasl and to serverOf/,
    },
    {
      title: 'the conformance subject of a mechanism',
      round: 4,
      file: 'packages/auth-sasl/test/conformance.test.ts',
      after: '    server: () => anonymousServer(),\n  },\n',
      insert:
        "  'X-DRILL': {\n    account: (label) => ({ username: 'anonymous', credentials: { drillWord: label }, secrets: [] }),\n    server: () => anonymousServer(),\n  },\n",
      check: ['jest packages/auth-sasl/test/conformance.test.ts'],
      says: /server side for X-DRILL/,
    },
    {
      title: 'a mechanism in docs/sasl.md',
      round: 5,
      file: 'docs/sasl.md',
      after: '\n',
      insert: '\nX-DRILL is the toy of the drill.\n',
      check: ['jest packages/auth-sasl/test/registry.test.ts'],
      says: /docs\/sasl\.md names every mechanism/,
    },
    {
      title: 'a mechanism in the README of auth-sasl',
      round: 6,
      file: 'packages/auth-sasl/README.md',
      after: '\n',
      insert: '\nX-DRILL is the toy of the drill.\n',
      check: ['jest packages/auth-sasl/test/registry.test.ts'],
      says: /auth-sasl\/README\.md names every mechanism/,
    },
    {
      title: 'the file of a mechanism',
      round: 7,
      file: 'packages/auth-sasl/src/mechanisms/x-drill.ts',
      content: `import { authError, finish, type OneWayMechanism, optionBag } from '@x/auth-core/base'
import type { MechanismRow } from '../mechanism-row.js'

/** Credentials of X-DRILL. */
export interface DrillCredentials {
  readonly drillWord: string
}

const drill: OneWayMechanism<string> = {
  name: 'X-DRILL',
  clientFirst: true,
  mutual: false,
  cleartext: false,
  spec: 'RFC 4422',
  parseCredentials(value) {
    const { drillWord } = (value ?? {}) as Record<string, unknown>
    if (typeof drillWord === 'string' && drillWord !== '') return drillWord
    throw authError('CREDENTIALS_INVALID', 'The word of the drill is missing.')
  },
  async *converse(word) {
    yield finish(Buffer.from(word))
  },
}

const row: MechanismRow<'X-DRILL', DrillCredentials> = {
  name: 'X-DRILL',
  credentials: { drillWord: true },
  options: optionBag('X-DRILL', {}),
  provider: {},
  create: () => drill,
}

export const rows = { 'X-DRILL': row }
`,
      check: ['tsc auth-sasl'],
      says: /registry\.ts.*Cannot find module '\.\/mechanisms\/x-drill\.js'/,
    },
    {
      title: 'TypeScript names the mechanism and its fields',
      round: 0,
      file: 'packages/auth-sasl/test/drill-types.ts',
      content: `import { SaslAuthProvider } from '../src/index.js'

export const provider = new SaslAuthProvider({ mechanism: 'X-DRILL', drillWord: 'up' })
// @ts-expect-error a field that it does not have
export const misspelt = new SaslAuthProvider({ mechanism: 'X-DRILL', drillWrod: 'up' })
`,
      check: ['tsc auth-sasl'],
    },
  ],
}

const source = {
  tests: ['from-drill', 'fromDrill', 'subpath for each source'],
  places: [
    {
      title: 'the subpath of a source',
      round: 1,
      file: 'packages/auth-core/package.json',
      after: '  "exports": {\n',
      insert:
        '    "./sources/from-drill": {\n      "types": "./dist/sources/from-drill.d.ts",\n      "default": "./dist/sources/from-drill.js"\n    },\n',
      check: [
        'jest packages/auth-core/test/entries.test.ts',
        'jest packages/auth-conformance/test/sources.test.ts',
      ],
      says: /missing: the subpath \.\/sources\/from-drill in auth-core\/package\.json/,
    },
    {
      title: 'the conformance subject of a source',
      round: 2,
      file: 'packages/auth-conformance/test/sources.test.ts',
      after: 'const subjects: readonly SourceSubject[] = [\n',
      insert: "  combined('fromDrill', (source) => fromDrill(source)),\n",
      check: ['jest packages/auth-conformance/test/sources.test.ts'],
      says: /missing: a subject of fromDrill in auth-conformance\/test\/sources\.test\.ts/,
    },
    {
      title: 'a source in docs/credentials.md',
      round: 3,
      file: 'docs/credentials.md',
      after: '\n',
      insert: '\n`fromDrill(source)` is the toy of the drill.\n',
      check: ['jest packages/auth-conformance/test/sources.test.ts'],
      says: /missing: `fromDrill\(…\)` in docs\/credentials\.md/,
    },
    {
      title: 'the file of a source, which the subject imports',
      round: 0,
      file: 'packages/auth-core/src/sources/from-drill.ts',
      content: `import type { CredentialSource } from '../credentials.js'
import { chain } from './chain.js'

/** The toy of the drill. */
export function fromDrill<C>(source: CredentialSource<C>): CredentialSource<C> {
  return chain(source)
}
`,
      check: ['jest packages/auth-conformance/test/sources.test.ts'],
    },
    {
      title: 'the import of the subject',
      round: 0,
      file: 'packages/auth-conformance/test/sources.test.ts',
      after: "import { systemClock } from '@x/auth-core/base'\n",
      insert: "import { fromDrill } from '@x/auth-core/sources/from-drill'\n",
      check: ['tsc auth-core'],
    },
  ],
}

const profile = {
  tests: ['each profile', 'every profile has a row'],
  places: [
    {
      title: 'the row of a TLS profile in registry.ts',
      round: 1,
      file: 'packages/tls-profiles/src/registry.ts',
      after: 'export const profiles = {\n',
      insert: "  drillProfile: { file: 'profiles/drill-profile', purpose: 'the toy of the drill' },\n",
      check: ['jest packages/tls-profiles/test/errors.test.ts'],
      says: /profiles\/drill-profile/,
    },
    {
      title: 'the export of a TLS profile',
      round: 2,
      file: 'packages/tls-profiles/src/index.ts',
      after: "export { type VerifyServerOptions, verifyServer } from './profiles/verify-server.js'\n",
      insert: "export { drillProfile } from './profiles/drill-profile.js'\n",
      check: ['jest packages/tls-profiles/test/errors.test.ts'],
      says: /each profile has a row in the registry, a file and an export/,
    },
    {
      title: 'the conformance subject of a TLS profile',
      round: 3,
      file: 'packages/auth-conformance/test/tls-profiles.test.ts',
      after: 'const rows: Readonly<Record<string, readonly Row[]>> = {\n',
      insert: "  drillProfile: [['drillProfile', server, ({ ca }) => verifyServer({ ca })]],\n",
      check: ['jest packages/auth-conformance/test/tls-profiles.test.ts'],
      says: /every profile has a row here[\s\S]*drillProfile/,
    },
    ...['docs/tls.md', 'packages/tls-profiles/README.md'].map((file, index) => ({
      title: `a TLS profile in ${file}`,
      round: 4 + index,
      file,
      after: '\n',
      insert: '\n`drillProfile()` is the toy of the drill.\n',
      check: ['jest packages/tls-profiles/test/errors.test.ts'],
      says: new RegExp(`${file} names each profile`),
    })),
    {
      title: 'the file of a TLS profile',
      round: 0,
      file: 'packages/tls-profiles/src/profiles/drill-profile.ts',
      content: `import type { TlsProfile } from '../profile.js'
import { type VerifyServerOptions, verifyServer } from './verify-server.js'

/** The toy of the drill. */
export function drillProfile(options: VerifyServerOptions): TlsProfile {
  return verifyServer(options)
}
`,
      check: ['tsc tls-profiles'],
    },
  ],
}

const option = {
  tests: [],
  places: [
    {
      title: 'an option in its bag',
      round: 1,
      file: 'packages/auth-core/src/sources/cached.ts',
      after: "export const cachedBag = optionBag('cached', {\n",
      insert: "  drillMs: initially(1, duration({ max }), 'The toy of the drill.'),\n",
      check: ['tsc auth-core'],
      says: /cached\.ts.*(drillMs|Spec<CachedOptions>)/,
    },
    {
      title: 'an option in its interface',
      round: 2,
      file: 'packages/auth-core/src/sources/cached.ts',
      after: 'export interface CachedOptions {\n',
      insert: '  /** The toy of the drill. */\n  readonly drillMs?: number | undefined\n',
      check: ['tsc auth-core'],
      says: /cached\.ts.*drillMs/,
    },
  ],
}

const reason = {
  tests: [],
  places: [
    {
      title: 'the reason for a default',
      round: 3,
      file: 'packages/auth-core/src/sources/cached.ts',
      after: "export const cachedBag = optionBag('cached', {\n",
      insert: "  drillReasonMs: initially(1, duration({ max }), 'The toy of the drill.'),\n",
      without: '  drillReasonMs: initially(1, duration({ max })),\n',
      check: ['defaults'],
      says: /The option drillReasonMs of cached has a default and no `why`/,
    },
    {
      title: 'its interface',
      round: 0,
      file: 'packages/auth-core/src/sources/cached.ts',
      after: 'export interface CachedOptions {\n',
      insert: '  /** The toy of the drill. */\n  readonly drillReasonMs?: number | undefined\n',
      check: ['tsc auth-core'],
    },
  ],
}

const copies = ['auth-core', 'tls-profiles', 'auth-testserver']

const twins = {
  tests: ['option-spec.ts of'],
  places: copies.map((name, index) => ({
    title: `the copy of option-spec.ts in ${name}`,
    round: index === 0 ? 0 : 3 + index,
    file: `packages/${name}/src/lib/options/option-spec.ts`,
    after: ' */\n',
    insert: '// The toy of the drill.\n',
    check: ['jest packages/auth-core/test/lib/options/option-spec.test.ts'],
    says: new RegExp(`option-spec\\.ts of ${name} is that of auth-core, byte for byte`),
  })),
}

export const toys = [mechanism, source, profile, option, reason, twins]
