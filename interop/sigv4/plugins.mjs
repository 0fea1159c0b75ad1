/**
 * Runs AWS's own plugins, each with a small program in this folder. The program reads inputs (one JSON object per line)
 * and writes the plugin's message to the server for each, one per line.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { goProgram, npmWith, pythonWith, run } from '../lib/installed.mjs'
import { mavenJars } from '../lib/maven.mjs'
import { temporaryFolder } from '../lib/paths.mjs'
import { requireTools } from '../lib/tools.mjs'

const here = fileURLToPath(new URL('plugins/', import.meta.url))

/** @typedef {import('./inputs.mjs').Input} Input */

/** @param {readonly Input[]} inputs */
export async function askNodePlugin(inputs) {
  const load = createRequire(await npmWith('sigv4-plugin', ['aws-sigv4-auth-cassandra-plugin@1.0.5']))
  process.env['AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE'] = '1'
  const { SigV4Authenticator } = load('aws-sigv4-auth-cassandra-plugin/lib/sigv4-auth-provider.js')
  const answers = []
  for (const { region, nonce, seconds, micros, ...keys } of inputs) {
    const chain = { resolvePromise: async () => keys }
    const date = new Date(seconds * 1000 + Math.floor(micros / 1000))
    const exchange = new SigV4Authenticator({ region, chain, date })
    const answer = await new Promise((resolve, reject) => {
      const callback = (/** @type {Error | null} */ error, /** @type {Buffer} */ token) =>
        error ? reject(error) : resolve(String(token))
      exchange.evaluateChallenge(Buffer.from(`nonce=${nonce}`), callback)
    })
    answers.push(answer)
  }
  return answers
}

/** @param {readonly Input[]} inputs */
export async function askPythonPlugin(inputs) {
  const python = await pythonWith('sigv4-plugin', ['cassandra-sigv4==4.0.2'])
  return ask(inputs, (from, to) => run(python, [join(here, 'sign.py'), from, to]))
}

/** @param {readonly Input[]} inputs */
export async function askGoPlugin(inputs) {
  const program = await goProgram('sigv4-plugin', join(here, 'go'))
  return ask(inputs, (from, to) => run(program, [from, to]))
}

/** @param {readonly Input[]} inputs */
export async function askJavaPlugin(inputs) {
  const [java = 'java'] = requireTools('java', 'javac')
  const { jars } = await mavenJars({ pom: join(here, 'java', 'pom.xml'), name: 'sigv4-plugin-java' })
  // A single file needs no build: Java 17 compiles it at the start.
  const source = join(here, 'java', 'Sign.java')
  return ask(inputs, (from, to) => run(java, ['-cp', jars.join(delimiter), source, from, to]))
}

/** @param {readonly Input[]} inputs @param {(from: string, to: string) => Promise<unknown>} program */
async function ask(inputs, program) {
  const folder = temporaryFolder('sigv4-plugin')
  const [from, to] = [join(folder, 'inputs'), join(folder, 'answers')]
  writeFileSync(from, inputs.map((input) => `${JSON.stringify(input)}\n`).join(''))
  await program(from, to)
  return readFileSync(to, 'utf8').split('\n').slice(0, -1)
}
