import { createHmac, createSecretKey } from 'node:crypto'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { costOf } from '../lib/cost.mjs'
import { awsPlugin, derivedKey, keys, pluginRequire, region, sha256 } from '../lib/sigv4.mjs'

const require = createRequire(import.meta.url)
const nonce = '91703fdc2ef562e19fbdab0f58e42fe5'
const day = '20261122'
const startedAt = Date.UTC(2026, 10, 22, 12)

/**
 * @param {import('../lib/row.mjs').Context} context
 * @param {(now: number) => unknown} sign called with a time that is one millisecond later each time
 * @returns {AsyncGenerator<import('../lib/row.mjs').Sample, void>}
 */
async function* measure({ times }, sign) {
  const count = times(20_000)
  let now = startedAt
  const many = () => {
    for (let done = 0; done < count; done++) sign(now++)
  }
  many()
  for (let round = 0; round < times(5); round++) {
    const { cpuUs } = await costOf(many)
    yield { cpu: cpuUs / count }
  }
}

/** Only two SHA-256 and one HMAC of texts that are as long as the signed ones. */
function least() {
  const key = createSecretKey(derivedKey(`${day}/${region}/cassandra/aws4_request`))
  const bytes = Buffer.from(nonce)
  const [request, text] = ['x'.repeat(262), 'y'.repeat(146)]
  return () => {
    sha256(bytes)
    sha256(request)
    createHmac('sha256', key).update(text).digest('hex')
  }
}

/** An internal function of the package: its mechanism calls it when it has a nonce. */
async function ours() {
  const { deriveSigner } = require(join(dirname(require.resolve('@x/auth-sigv4')), 'lib', 'derive-signer.js'))
  const { accessKeyId, secretAccessKey } = keys
  const signer = await deriveSigner(accessKeyId, secretAccessKey, day, region)
  const bytes = Buffer.from(nonce)
  return (/** @type {number} */ now) => signer.answer(accessKeyId, bytes, now)
}

/** @param {string} folder */
function plugin(folder) {
  const file = 'aws-sigv4-auth-cassandra-plugin/lib/sigv4-auth-signature.js'
  const { computeSigV4SignatureCassandraRequest: compute } = pluginRequire(folder)(file)
  return (/** @type {number} */ now) => compute({ region, nonce, date: new Date(now), ...keys })
}

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'SigV4: one signature',
  about:
    'From a nonce and a time to the text of the answer, five times 20 000 in one process, at times one millisecond apart. Ours derives the key of the day once, as in a login. The least: two SHA-256 and one HMAC of node:crypto on texts of that length, with the derived key as KeyObject.',
  metrics: { cpu: { title: 'CPU per signature', unit: 'µs', against: 'ratio' } },
  reference: 'least',
  subjects: {
    least: {
      title: 'the least: three calls of node:crypto',
      measure: (context) => measure(context, least()),
    },
    ours: {
      title: '@x/auth-sigv4',
      measure: async function* (context) {
        yield* measure(context, await ours())
      },
    },
    aws: {
      title: "AWS's plugin for Node.js, 1.0.5, against ours",
      reference: 'ours',
      measure: (context) => measure(context, plugin(context.shared)),
    },
  },
  goals: [
    { subject: 'ours', metric: 'cpu', atMost: 1.2 },
    { subject: 'aws', metric: 'cpu', atLeast: 20 },
  ],
  setUp: async () => ({ info: awsPlugin() }),
}
