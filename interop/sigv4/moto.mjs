/** moto, a stand-in for AWS's STS: from PyPI, in its own process, on loopback. */
import { pythonWith } from '../lib/installed.mjs'
import { temporaryFolder } from '../lib/paths.mjs'
import { freePorts } from '../lib/ports.mjs'
import { endOwned, spawnOwned } from '../lib/processes.mjs'
import { stage } from '../lib/stage.mjs'

const bootTimeoutMs = 60_000

/** @returns {Promise<{ url: string, checkKeys(on: boolean): Promise<void>, stop(): Promise<void> }>} */
export async function startMoto() {
  const python = await pythonWith('moto', ['moto[server]==5.2.5'])
  const [port] = await freePorts(1)
  const folder = temporaryFolder('moto')
  return stage('booting moto', async () => {
    // `python -c CODE FOLDER`: with the folder in the command line the runner recognises what a killed suite has left.
    const code = 'import sys; from moto.server import main; main(sys.argv[2:])'
    const child = spawnOwned(python, ['-c', code, folder, '-H', '127.0.0.1', '-p', String(port)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let log = ''
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      log = `${log}${text}`.slice(-4_000)
    })
    const url = `http://127.0.0.1:${port}`
    await answers(url, child, () => log)
    return {
      url,
      /** Whether it refuses unknown keys. At first it does not. */
      checkKeys: async (on) => {
        await fetch(`${url}/moto-api/reset-auth`, { method: 'POST', body: on ? '0' : 'inf' })
      },
      stop: () => endOwned(child),
    }
  })
}

/** @param {string} url @param {import('node:child_process').ChildProcess} child @param {() => string} log */
async function answers(url, child, log) {
  const until = performance.now() + bootTimeoutMs
  while (performance.now() < until) {
    if (child.exitCode !== null) throw new Error(`moto ended with ${child.exitCode}:\n${log()}`)
    try {
      if ((await fetch(`${url}/moto-api/data.json`)).ok) return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  throw new Error(`moto does not answer after ${bootTimeoutMs} ms:\n${log()}`)
}
