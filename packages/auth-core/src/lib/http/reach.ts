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
  /** Whether there are options for TLS. An http address would not use them. */
  readonly tls: boolean
}

/**
 * Where a secret may be sent: to https; to http on this machine only if an address in the options is on this machine
 * too, since otherwise a server elsewhere could lead a secret to any program that listens here; to http elsewhere only
 * with the option that allows it. A server chooses the addresses of redirects and endpoints, so each of them is checked
 * here.
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
    // `fetch` refuses an address with a user in it, and a person could read the user as the host.
    if (address.username !== '' || address.password !== '') return false
    if (address.protocol !== 'http:') return address.protocol === 'https:'
    return !tls && (allowCleartextHttp || (loopback && isOfThisMachine(address)))
  }
}

function isOfThisMachine({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
