import type { MechanismRow } from './mechanism-row.js'

/** All mechanisms that go by a name: a line for each. Its file has its row, and loads at the first use. */
const files = eachWithItsRow({
  'SCRAM-SHA-512-PLUS': (): typeof import('./mechanisms/scram.js') => require('./mechanisms/scram.js'),
  'SCRAM-SHA-512': (): typeof import('./mechanisms/scram.js') => require('./mechanisms/scram.js'),
  'SCRAM-SHA-256-PLUS': (): typeof import('./mechanisms/scram.js') => require('./mechanisms/scram.js'),
  'SCRAM-SHA-256': (): typeof import('./mechanisms/scram.js') => require('./mechanisms/scram.js'),
  'SCRAM-SHA-1-PLUS': (): typeof import('./mechanisms/scram.js') => require('./mechanisms/scram.js'),
  'SCRAM-SHA-1': (): typeof import('./mechanisms/scram.js') => require('./mechanisms/scram.js'),
  'DIGEST-MD5': (): typeof import('./mechanisms/digest-md5.js') => require('./mechanisms/digest-md5.js'),
  GSSAPI: (): typeof import('./mechanisms/gssapi.js') => require('./mechanisms/gssapi.js'),
  'CRAM-MD5': (): typeof import('./mechanisms/cram-md5.js') => require('./mechanisms/cram-md5.js'),
  PLAIN: (): typeof import('./mechanisms/plain.js') => require('./mechanisms/plain.js'),
  OAUTHBEARER: (): typeof import('./mechanisms/oauthbearer.js') => require('./mechanisms/oauthbearer.js'),
  EXTERNAL: (): typeof import('./mechanisms/external.js') => require('./mechanisms/external.js'),
  ANONYMOUS: (): typeof import('./mechanisms/anonymous.js') => require('./mechanisms/anonymous.js'),
})

type Files = typeof files

/** IANA names of the mechanisms of this package. */
export type SaslMechanismName = keyof Files

/** The types of all rows, by name. */
export type MechanismRows = { readonly [N in SaslMechanismName]: RowIn<ReturnType<Files[N]>, N> }

type RowIn<F, N> = F extends { readonly rows: infer Rows } ? (N extends keyof Rows ? Rows[N] : never) : never

/** All mechanisms that go by a name. A row has its name at once; the rest loads when it is read. */
export const registry: readonly MechanismRow[] = Object.freeze(
  Object.entries(files).map(([name, file]) => loadedWhenRead(name, file)),
)

function loadedWhenRead(name: string, file: () => { readonly rows: object }): MechanismRow {
  const row = () => (file().rows as Readonly<Record<string, MechanismRow>>)[name] as MechanismRow
  return {
    name,
    get credentials() {
      return row().credentials
    },
    get options() {
      return row().options
    },
    get provider() {
      return row().provider
    },
    create: (options) => row().create(options),
  }
}

/** For the compiler: the file of each name has a row of that name. */
function eachWithItsRow<
  F extends {
    readonly [N in keyof F]: () => { readonly rows: { readonly [K in N]: { readonly name: K } } }
  },
>(byName: F): F {
  return byName
}
