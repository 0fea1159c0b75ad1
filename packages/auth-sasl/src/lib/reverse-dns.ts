import { lookup, lookupService } from 'node:dns/promises'
import { BlockList, isIPv6 } from 'node:net'
import { saslError } from '../errors.js'

/** Less than the time of a login; a resolver that takes longer would be slow for the next node too. */
const boundMs = 3_000

/**
 * The name that the system's resolver (the file hosts, DNS …) has for an address. Anyone who holds the zone of the address
 * can write any name there, so the name must lead back to the address. Throws HOST_UNKNOWN.
 */
export async function confirmedName(address: string): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unknown(address, `did not answer within ${boundMs} ms`)), boundMs)
  })
  try {
    return await Promise.race([search(address), tooLate])
  } finally {
    clearTimeout(timer)
  }
}

async function search(address: string): Promise<string> {
  const { hostname } = await lookupService(address, 0).catch((cause: unknown) => {
    throw unknown(address, 'has no name for it', cause)
  })
  const found = await lookup(hostname, { all: true }).catch((cause: unknown) => {
    throw unknown(address, `calls it ${hostname} and has no address for that name`, cause)
  })
  if (found.some((each) => same(each.address, address))) return hostname
  throw unknown(address, `calls it ${hostname}, and that name has another address`)
}

/** Also if one is written as IPv4 and the other as IPv4 within IPv6. */
function same(some: string, other: string): boolean {
  const list = new BlockList()
  list.addAddress(some, family(some))
  return list.check(other, family(other))
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4'
}

function unknown(address: string, problem: string, cause?: unknown) {
  return saslError('HOST_UNKNOWN', `There is no confirmed name for ${address}: the resolver ${problem}.`, {
    details: { address },
    cause,
  })
}
