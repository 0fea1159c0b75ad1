import type { Clause } from '../clause.js'
import type { TlsBench } from './bench.js'
import type { TlsSubject, TlsTraits } from './subject.js'

export type TlsClause = Clause<TlsBench>

const without: Readonly<Record<keyof TlsTraits, string>> = {
  chain: 'it does not verify the chain, and says so',
  name: 'it does not verify the name, and says so',
  clientCertificate: 'it sends no certificate of the client',
}

/** For clauses about promises that not all options make. */
export function needs(trait: keyof TlsTraits): (bench: TlsBench) => string | undefined {
  return ({ subject }) => (subject.traits[trait] ? undefined : without[trait])
}

const unable = {
  expectName: 'no name can be given to it',
  expectUri: 'it checks no URI',
  load: 'it takes no material from the user',
  loadStore: 'it opens no PKCS #12 stores',
  reload: 'it does not read files again',
} as const satisfies Partial<Record<keyof TlsSubject, string>>

/** For clauses that need an optional method of the subject. */
export function can(method: keyof typeof unable): (bench: TlsBench) => string | undefined {
  return ({ subject }) => (subject[method] ? undefined : unable[method])
}
