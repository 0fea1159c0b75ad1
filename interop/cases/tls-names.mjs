/** The name that a node's certificate must have: its address, one name, a map, a function; IPv4 and IPv6. */

/** @typedef {'127.0.0.1' | '127.0.0.2' | '::1'} Address 127.0.0.2 is not in the certificate */

/**
 * The certificate has 127.0.0.1, ::1, node1.example and *.cluster.example.
 * @type {{ hostname: import('@x/tls-profiles').Hostname, at: Address, outcome: string }[]}
 */
export const names = [
  { hostname: 'address', at: '127.0.0.1', outcome: 'connects' },
  { hostname: 'address', at: '::1', outcome: 'connects' },
  { hostname: 'address', at: '127.0.0.2', outcome: 'NAME_MISMATCH' },
  { hostname: 'node1.example', at: '127.0.0.1', outcome: 'connects' },
  { hostname: 'node1.example', at: '127.0.0.2', outcome: 'connects' },
  { hostname: 'node2.example', at: '127.0.0.1', outcome: 'NAME_MISMATCH' },
  { hostname: 'any.cluster.example', at: '127.0.0.1', outcome: 'connects' },
  { hostname: 'one.too.many.cluster.example', at: '127.0.0.1', outcome: 'NAME_MISMATCH' },
  { hostname: '127.0.0.1', at: '127.0.0.2', outcome: 'connects' },
  { hostname: '::1', at: '127.0.0.2', outcome: 'connects' },
  { hostname: { '127.0.0.1': 'node1.example' }, at: '127.0.0.1', outcome: 'connects' },
  { hostname: { '127.0.0.1': 'node2.example' }, at: '127.0.0.1', outcome: 'NAME_MISMATCH' },
  { hostname: { '127.0.0.1': 'node1.example' }, at: '127.0.0.2', outcome: 'NAME_UNKNOWN' },
  { hostname: { '127.0.0.2': 'node1.example' }, at: '127.0.0.2', outcome: 'connects' },
  { hostname: { '0:0:0:0:0:0:0:1': 'node1.example' }, at: '::1', outcome: 'connects' },
  { hostname: new Map([['127.0.0.2', 'a.cluster.example']]), at: '127.0.0.2', outcome: 'connects' },
  {
    hostname: (address) => (address === '127.0.0.2' ? 'node1.example' : 'node2.example'),
    at: '127.0.0.2',
    outcome: 'connects',
  },
  {
    hostname: (address) => (address === '127.0.0.2' ? 'node1.example' : 'node2.example'),
    at: '127.0.0.1',
    outcome: 'NAME_MISMATCH',
  },
  {
    hostname: () => {
      throw new Error('the inventory does not answer')
    },
    at: '127.0.0.1',
    outcome: 'NAME_UNKNOWN',
  },
  { hostname: false, at: '127.0.0.2', outcome: 'connects' },
]
