/** Checks docs/pitfalls.md: each code must be in an error table, each message of the driver in its sources. */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { root } from './lib.mjs'

const parts = ['You see', 'Because', 'Do']

/** What people searched for and did not find here: maps the code that they saw to what its pitfall must say. */
const met = {
  READ_TIMEOUT: ['no `sslOptions`', 'process.exit(1)'],
  DATA_CENTER_UNKNOWN: ['process.exit(1)', 'shutdown()'],
  AUTHENTICATION_UNAVAILABLE: ['ALTER KEYSPACE system_auth', 'nodetool repair'],
}

/** Returns a line for each problem of the page. @param {readonly string[]} codes of the packages */
export function brokenPitfalls(codes) {
  const page = readFileSync(join(root, 'docs', 'pitfalls.md'), 'utf8')
  const driver = sourcesOfDriver()
  const pitfalls = page.split(/^### /m).slice(1)
  if (pitfalls.length === 0) return ['docs/pitfalls.md has no pitfall']
  const unsaid = Object.entries(met).flatMap(([code, words]) => {
    const about = pitfalls.filter((text) => text.includes(`[\`${code}\`]`))
    return words
      .filter((word) => !about.some((text) => text.includes(word)))
      .map((word) => `no pitfall with ${code} says: ${word}`)
  })
  const wrong = pitfalls.flatMap((text) => {
    const title = text.slice(0, text.indexOf('\n'))
    const missing = parts.filter((part) => !text.includes(`- **${part}**: `))
    const symptom = /- \*\*You see\*\*: (.*)/.exec(text)?.[1] ?? ''
    const named = [...symptom.matchAll(/\[`([A-Z\d_]+)`\]\(errors\.md#(\w+)\)/g)]
    const said = [...symptom.matchAll(/the driver says `([^`]+)`/g)].map(([, message]) => message)
    const quoted = [...symptom.matchAll(/`([^`]+)`/g)]
    return [
      ...missing.map((part) => `${title}: it has no '${part}'`),
      ...(quoted.length > 0 ? [] : [`${title}: 'You see' has neither a code nor a message`]),
      ...named
        .filter(([, code, anchor]) => !codes.includes(code) || anchor !== code.toLowerCase())
        .map(([, code]) => `${title}: there is no code ${code}`),
      ...said
        .filter((message) => !driver.includes(message))
        .map((message) => `${title}: the driver does not say '${message}'`),
      // The check above does not see a code without a link.
      ...[...symptom.matchAll(/(?<!\[)`([A-Z][A-Z\d]+(?:_[A-Z\d]+)+)`/g)].map(
        ([, code]) => `${title}: ${code} is not linked`,
      ),
    ]
  })
  return [...unsaid, ...wrong]
}

function sourcesOfDriver() {
  const folder = join(dirname(createRequire(import.meta.url).resolve('cassandra-driver')), 'lib')
  return readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.js'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n')
}
