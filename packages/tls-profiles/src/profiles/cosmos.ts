import { TlsError } from '../errors.js'
import { buildProfile } from '../lib/build.js'
import { checkedName } from '../lib/identity/host-name.js'
import {
  type CaInput,
  type CommonOptions,
  checkKeys,
  commonKeys,
  type OneOrMany,
  trustOf,
} from '../options.js'
import type { TlsProfile } from '../profile.js'

/** Options of cosmos. */
export type CosmosOptions = CommonOptions & {
  /** Instead of the public roots. */
  readonly ca?: OneOrMany<CaInput> | undefined
  /** Resume TLS sessions, asked for on a connection of the profile's own. Default false. */
  readonly resumption?: boolean | undefined
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

const port = 10_350

/**
 * Azure Cosmos DB for Apache Cassandra: verified against the public roots of Node.js, by the name of the account,
 * which is the name of every node. `explain().endpoint` has the contact point and the port. Throws a TlsError:
 * OPTION_INVALID.
 */
export function cosmos(options: CosmosOptions): TlsProfile {
  const profile = 'cosmos'
  checkKeys(profile, options, ['account', 'host', 'ca', 'resumption', ...commonKeys])
  const { ca } = options
  const endpoint = { host: hostOf(options), port }
  const trust = trustOf(ca === undefined ? { systemRoots: true } : { ca })
  const resumption = options.resumption ? endpoint : undefined
  return buildProfile({ profile, trust, hostname: endpoint.host, endpoint, resumption, options })
}

function hostOf({ account, host }: CosmosOptions): string {
  if (host !== undefined) return checkedName(host, '`host`')
  // The rule for names of accounts: 3 to 44 lower-case letters, digits and hyphens.
  if (typeof account === 'string' && /^[a-z0-9-]{3,44}$/.test(account)) {
    return `${account}.cassandra.cosmos.azure.com`
  }
  throw new TlsError('OPTION_INVALID', '`account` must be the name of a Cosmos DB account.')
}
