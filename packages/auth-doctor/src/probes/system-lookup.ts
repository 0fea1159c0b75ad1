import { spawn } from 'node:child_process'
import type { LookupAddress } from 'node:dns'
import type { Lookup } from '../options.js'

/** Says that it is ready, looks the name up, and sends the result. The program is this string, so that no path has to be found. */
const child = `
process.send('ready')
require('node:dns').lookup(process.argv[1], { all: true }, (error, addresses) => {
  process.send({ code: error?.code, addresses }, () => process.disconnect())
})`

interface Answer {
  readonly code?: string
  readonly addresses?: readonly LookupAddress[]
}

/**
 * The look-up of the system, in its own process that the signal ends. Nothing else can end a running getaddrinfo, and Node.js waits for it even
 * in `process.exit()`, so a name server that does not answer would hold the doctor beyond its time.
 */
export const systemLookup: Lookup = (host, { signal, begun }) =>
  new Promise((resolve, reject) => {
    const fail = (code: string | undefined) => reject(Object.assign(new Error('not looked up'), { code }))
    const looking = spawn(process.execPath, ['-e', child, '--', host], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      signal,
      killSignal: 'SIGKILL',
    })
    looking.on('message', (message: 'ready' | Answer) => {
      if (message === 'ready') return begun()
      if (message.addresses) resolve(message.addresses)
      else fail(message.code)
    })
    looking.once('error', (error: NodeJS.ErrnoException) => fail(error.code))
    looking.once('close', () => fail(undefined))
  })
