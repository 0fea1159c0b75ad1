/**
 * Measures the cost of the client's side of an exchange. The server's side runs in the same process and is not counted.
 */

/** @typedef {import('@x/auth-testserver').ServerExchange} ServerExchange */
/** @typedef {import('@x/auth-testserver').MechanismFactory} MechanismFactory */
/** @typedef {{ token: Buffer, done: boolean }} Answer of the server; `done`: with its success */
/** @typedef {(send: (token: Uint8Array) => Promise<Answer>) => Promise<void>} ClientLogin throws unless the server is verified */

/**
 * Runs logins together in steps. All clients work until each waits for the server or has ended; this time counts. Then
 * the server answers all of them.
 * @param {readonly ClientLogin[]} logins
 * @param {MechanismFactory} newServer
 * @returns {Promise<number>} client CPU per login, in µs, of all threads
 */
export async function clientCost(logins, newServer) {
  const servers = logins.map(() => newServer(connection))
  /** @type {{ server: ServerExchange | undefined, token: Uint8Array, resolve: (answer: Answer) => void }[]} */
  let sent = []
  let ended = 0
  let wake = () => {}
  const check = () => {
    if (sent.length + ended === logins.length) wake()
  }
  let used = 0
  /** @param {() => void} begin @returns {Promise<void>} until no client can continue without the server */
  const step = async (begin) => {
    const waiting = new Promise((resolve) => {
      wake = () => resolve(undefined)
    })
    const before = process.cpuUsage()
    begin()
    await waiting
    const { user, system } = process.cpuUsage(before)
    used += user + system
  }

  let running = Promise.resolve()
  await step(() => {
    const all = logins.map(async (login, index) => {
      try {
        await login((token) => {
          return new Promise((resolve) => {
            sent.push({ server: servers[index], token, resolve })
            check()
          })
        })
      } finally {
        ended++
        check()
      }
    })
    running = Promise.all(all).then(() => {})
    // A failure is reported below, when no client works.
    running.catch(() => {})
  })
  while (ended < logins.length) {
    const asked = sent
    sent = []
    const answers = await Promise.all(asked.map(({ server, token }) => answerOf(server, token)))
    await step(() => {
      for (const [index, { resolve }] of asked.entries())
        resolve(answers[index] ?? { token: empty, done: false })
    })
  }
  await running
  return used / logins.length
}

/**
 * Repeats the same in batches for a given time, so that a slow client takes no longer than a fast one.
 * @param {readonly ClientLogin[]} logins
 * @param {MechanismFactory} newServer
 * @param {number} cpuMs client CPU to spend, at least one batch
 * @returns {Promise<number>} client CPU per login, in µs
 */
export async function sustainedCost(logins, newServer, cpuMs) {
  let batches = 0
  let sum = 0
  do {
    sum += await clientCost(logins, newServer)
    batches++
  } while (sum * logins.length < cpuMs * 1000)
  return sum / batches
}

const empty = Buffer.alloc(0)

/** @type {import('@x/auth-testserver').ConnectionInfo} */
const connection = {
  id: 1,
  address: '127.0.0.1',
  port: 9042,
  remoteAddress: '127.0.0.1',
  remotePort: 1,
  protocolVersion: 4,
  startupOptions: {},
}

/** @param {ServerExchange | undefined} server @param {Uint8Array} token @returns {Promise<Answer>} */
async function answerOf(server, token) {
  const reply = await server?.respond(token)
  if (reply && 'challenge' in reply) return { token: Buffer.from(reply.challenge ?? empty), done: false }
  if (reply && 'success' in reply) return { token: Buffer.from(reply.success ?? empty), done: true }
  throw new Error(`the server refused: ${reply?.failure}`)
}
