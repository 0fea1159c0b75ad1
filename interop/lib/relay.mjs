/** A TCP relay on a loopback address: it gives a server another address, and can cut its connections. */
import net from 'node:net'

/**
 * @param {{ port: number, address?: string }} target
 * @param {{ address?: string, from?: string }} [options] `address`: where to listen, 127.0.0.1 by default; `from`: the relay's own
 *   address, which the server sees
 */
export async function startRelay(
  { port, address: host = '127.0.0.1' },
  { address = '127.0.0.1', from } = {},
) {
  /** The sockets of the clients, oldest first. @type {Set<net.Socket>} */
  const open = new Set()
  let accepted = 0
  let isAway = false
  const server = net.createServer((client) => {
    accepted++
    if (isAway) {
      client.on('error', () => client.destroy()).destroy()
      return
    }
    open.add(client)
    client.once('close', () => open.delete(client))
    const upstream = net.connect({ host, port, ...(from && { localAddress: from }) })
    join(client, upstream)
    join(upstream, client)
  })
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, () => resolve(undefined))
  })
  const listening = /** @type {net.AddressInfo} */ (server.address()).port
  /** @param {{ keep?: number }} [which] */
  const cut = ({ keep = 0 } = {}) => {
    const ended = [...open].slice(keep)
    for (const client of ended) client.destroy()
    return ended.length
  }
  return {
    contactPoint: address.includes(':') ? `[${address}]:${listening}` : `${address}:${listening}`,
    /** The number of all connections until now. */
    get accepted() {
      return accepted
    },
    /** Closes the connections except the oldest `keep`; new ones are accepted. Returns the number of closed ones. */
    cut,
    /** Closes all connections, and each new one at once, until `back()`. */
    leave() {
      isAway = true
      return cut()
    },
    back() {
      isAway = false
    },
    async close() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** @param {net.Socket} from @param {net.Socket} to */
function join(from, to) {
  from.pipe(to)
  from.on('error', () => to.destroy())
  from.once('close', () => to.destroySoon())
}
