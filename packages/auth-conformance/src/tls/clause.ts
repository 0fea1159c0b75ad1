import type { Clause } from '../clause.js'
import type { TlsBench } from './bench.js'
import type { TlsTraits } from './subject.js'

export type TlsClause = Clause<TlsBench>

const without: Readonly<Record<keyof TlsTraits, string>> = {
  chain: 'it does not verify the chain, and says so',
  name: 'it does not verify the name, and says so',
  clientCertificate: 'it sends no certificate of the client',
}

/** For clauses about what only some options promise. */
export function needs(trait: keyof TlsTraits): (bench: TlsBench) => string | undefined {
  return ({ subject }) => (subject.traits[trait] ? undefined : without[trait])
}
