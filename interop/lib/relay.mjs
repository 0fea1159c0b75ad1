/** A TCP relay on a loopback address: a server under another address, whose connections can be cut. */
import net from 'node:net'

/**
 * @param {{ port: number, address?: string }} target
 * @param {{ address?: string, from?: string }} [options] `address`: where to listen, 127.0.0.1 by default; `from`: by which address the
 *   server knows it
 */
export async function startRelay(
  { port, address: host = '127.0.0.1' },
  { address = '127.0.0.1', from } = {},
) {
  /** The clients' ends, oldest first. @type {Set<net.Socket>} */
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
    /** How many connections there have been. */
    get accepted() {
      return accepted
    },
    /** Ends the connections that pass, except the oldest `keep`; new ones are welcome. Returns how many it ended. */
    cut,
    /** Ends all connections, and each new one at once, until `back()`. */
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
