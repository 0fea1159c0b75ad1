import { TlsError } from '../errors.js'
import { buildProfile } from '../lib/build.js'
import { checkedName } from '../lib/identity/host-name.js'
import { optionBag, readOptions, refuseMore, type Spec, text } from '../lib/options/option-spec.js'
import {
  type CaInput,
  type CommonOptions,
  caOption,
  commonOptions,
  type OneOrMany,
  type ResumptionOptions,
  resumptionOptions,
  serverNamed,
} from '../options.js'
import type { TlsProfile } from '../profile.js'

/** Options of cosmos. */
export type CosmosOptions = CommonOptions &
  ResumptionOptions & {
    /** The CAs to trust instead of the public roots. */
    readonly ca?: OneOrMany<CaInput> | undefined
  } & (
    | {
        /** Name of the account: the first part of its host name. */
        readonly account: string
        readonly host?: undefined
      }
    | {
        /** The whole host name, for private endpoints and other clouds. */
        readonly host: string
        readonly account?: undefined
      }
  )

export const cosmosBag = optionBag('cosmos', {
  account: text('the name of a Cosmos DB account'),
  host: text('the name of a host'),
  ca: caOption,
  ...resumptionOptions,
  ...commonOptions,
} satisfies Spec<CosmosOptions>)

const port = 10_350

/**
 * A profile for Azure Cosmos DB for Apache Cassandra. It verifies the server against the public roots of Node.js, by
 * the name of the account, which is the name of every node. `explain().endpoint` has the contact point and the port
 * (10350). Throws a TlsError: OPTION_INVALID.
 */
export function cosmos(options: CosmosOptions): TlsProfile
export function cosmos(options: CosmosOptions, ...more: readonly unknown[]): TlsProfile {
  refuseMore('cosmos', more)
  const read = readOptions(cosmosBag, options)
  const { ca, account, host } = read
  const endpoint = { host: hostOf(account, host), port }
  return buildProfile({
    profile: 'cosmos',
    trust: { ca, systemRoots: ca === undefined, crl: undefined },
    identity: serverNamed(endpoint.host),
    endpoint,
    resumption: read.resumption,
    options: read,
  })
}

function hostOf(account: string | undefined, host: string | undefined): string {
  if ((account === undefined) === (host === undefined)) {
    throw new TlsError('OPTION_INVALID', 'cosmos needs either `account` or `host`.')
  }
  if (host !== undefined) return checkedName(host, '`host`')
  // Azure's rule for the names of accounts: 3 to 44 lower-case letters, digits and hyphens.
  if (account !== undefined && /^[a-z0-9-]{3,44}$/.test(account)) {
    return `${account}.cassandra.cosmos.azure.com`
  }
  throw new TlsError('OPTION_INVALID', '`account` must be the name of a Cosmos DB account.')
}
