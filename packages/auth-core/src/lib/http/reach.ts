import { isIP } from 'node:net'
import { authError } from '../../errors.js'

/** The addresses of a source, and what its options say about http. */
export interface ClientAddresses {
  /** The function that takes the options, in messages. */
  readonly who: string
  /** Each of them http or https. */
  readonly addresses: readonly URL[]
  /** Whether secrets may be sent readable to whatever these addresses lead to. */
  readonly allowCleartextHttp: boolean
  /** Whether there are options for TLS, which an http address would not use. */
  readonly tls: boolean
}

/**
 * Where a secret may be sent: to https; to http on this machine only where an address of the options is that itself, since
 * otherwise a server elsewhere could lead a secret to whatever listens here; to http elsewhere by name. A server chooses the
 * addresses of redirects and endpoints, so each of them is asked for here.
 * Errors: OPTION_INVALID for an http address that is not allowed, OPTIONS_CONTRADICT for one beside options for TLS.
 */
export function reach({
  who,
  addresses,
  allowCleartextHttp,
  tls,
}: ClientAddresses): (address: URL) => boolean {
  const cleartext = addresses.filter(({ protocol }) => protocol === 'http:')
  if (tls && cleartext.length > 0) {
    throw authError('OPTIONS_CONTRADICT', `The TLS options of ${who} have no effect on an http address.`)
  }
  if (!allowCleartextHttp && !cleartext.every(isOfThisMachine)) {
    const problem = `An address of ${who} is http, so anyone on the way can read the secrets. Use https, or accept the risk with allowCleartextHttp: true.`
    throw authError('OPTION_INVALID', problem)
  }
  const loopback = cleartext.some(isOfThisMachine)
  return (address) => {
    // `fetch` takes no address with a user in it, and a person would take the user for the host.
    if (address.username !== '' || address.password !== '') return false
    if (address.protocol !== 'http:') return address.protocol === 'https:'
    return !tls && (allowCleartextHttp || (loopback && isOfThisMachine(address)))
  }
}

function isOfThisMachine({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
