/** Free ports of the loopback addresses. */
import net from 'node:net'

/**
 * Finds ports that are free on all the addresses. They are below the range for outgoing connections (which begins at
 * 32768 on Linux), so that no outgoing connection can take one before the server listens.
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
  throw new Error(`found fewer than ${count} free ports on ${addresses.join(', ')}`)
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
