/** Free ports of the loopback addresses. */
import net from 'node:net'

/**
 * Ports free on every one of the addresses. They are taken from below the range that systems give to outgoing
 * connections (from 32768 on Linux), so that none of those can take one before the server listens.
 * @param {number} count
 * @param {readonly string[]} [addresses]
 * @returns {Promise<number[]>}
 */
export async function freePorts(count, addresses = ['127.0.0.1']) {
  /** @type {Set<number>} */
  const ports = new Set()
  for (let attempts = 0; attempts < 1000; attempts++) {
    const port = 10_000 + Math.floor(Math.random() * 22_000)
    if (!ports.has(port) && (await isFree(port, addresses))) ports.add(port)
    if (ports.size === count) return [...ports]
  }
  throw new Error(`no ${count} free ports found on ${addresses.join(', ')}`)
}

/** @param {number} port @param {readonly string[]} addresses */
async function isFree(port, addresses) {
  for (const address of addresses) {
    if (!(await canListen(port, address))) return false
  }
  return true
}

/** @param {number} port @param {string} address @returns {Promise<boolean>} */
function canListen(port, address) {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EADDRNOTAVAIL') reject(missingAddress(address))
      else resolve(false)
    })
    server.listen(port, address, () => server.close(() => resolve(true)))
  })
}

/** @param {string} address */
function missingAddress(address) {
  return new Error(`this machine has no address ${address}; macOS: sudo ifconfig lo0 alias ${address} up`)
}
