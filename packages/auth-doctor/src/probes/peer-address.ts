import { BlockList, isIP } from 'node:net'

/** Addresses of private networks: RFC 1918, RFC 6598, RFC 4193. */
const inner = blockOf(
  [
    ['10.0.0.0', 8],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
    ['100.64.0.0', 10],
  ],
  [['fc00::', 7]],
)

const loopback = blockOf([['127.0.0.0', 8]], [['::1', 128]])

/** A node is never reached there: unspecified, link-local (which clouds use for their metadata), multicast, broadcast. */
const never = blockOf(
  [
    ['0.0.0.0', 8],
    ['169.254.0.0', 16],
    ['224.0.0.0', 3],
  ],
  [
    ['::', 128],
    ['fe80::', 10],
    ['ff00::', 8],
  ],
)

/** Services of the system use the ports below. */
const firstPort = 1024

/**
 * Why the doctor does not connect to an address from a table of peers; undefined if it does connect. A stranger can write this table: it must
 * not lead further into the networks of this machine than the address that the user gave. `from` is that address.
 */
export function reasonNotToAsk(
  { address, port }: { address: string; port: number },
  from: string,
): string | undefined {
  const family = isIP(address)
  if (family === 0) return 'It is not an address.'
  if (port < firstPort || port > 65_535) return 'Its port is not a port that servers use for CQL.'
  if (within(never, address)) return 'No node can have this address.'
  if (within(loopback, address) && !within(loopback, from)) return 'It is this machine.'
  const isNear = within(inner, from) || within(loopback, from)
  if (within(inner, address) && !isNear)
    return 'It is in a private network, and the server that announces it is not.'
  return undefined
}

type Subnet = readonly [network: string, prefix: number]

function blockOf(ipv4: readonly Subnet[], ipv6: readonly Subnet[]): BlockList {
  const block = new BlockList()
  for (const [network, prefix] of ipv4) block.addSubnet(network, prefix, 'ipv4')
  for (const [network, prefix] of ipv6) block.addSubnet(network, prefix, 'ipv6')
  return block
}

/** An IPv4 address that is written as IPv6 counts as the IPv4 address. */
function within(block: BlockList, address: string): boolean {
  if (isIP(address) === 4) return block.check(address, 'ipv4')
  const mapped = mappedAddress(address)
  return mapped === undefined ? block.check(address, 'ipv6') : block.check(mapped, 'ipv4')
}

function mappedAddress(address: string): string | undefined {
  const [, high, low] =
    /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(new URL(`http://[${address}]`).hostname.slice(1, -1)) ??
    []
  if (high === undefined || low === undefined) return undefined
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [a >> 8, a & 255, b >> 8, b & 255].join('.')
}
