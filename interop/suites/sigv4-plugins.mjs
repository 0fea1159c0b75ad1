/**
 * Compares our signatures with AWS's plugins for Node.js, Python, Go and Java, byte for byte: ten thousand logins with
 * unusual keys, tokens, nonces and times. They are equal, with two known differences: the plugin for Python rounds the
 * milliseconds, the one for Java writes the region in lower case. Also compares our table of endpoints with botocore's.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { keyspacesEndpoint } from '@x/tls-profiles'
import { stage } from '../lib/stage.mjs'
import { endpointsOfAws } from '../sigv4/endpoints.mjs'
import { inputs as makeInputs } from '../sigv4/inputs.mjs'
import { ourAnswer } from '../sigv4/ours.mjs'
import { askGoPlugin, askJavaPlugin, askNodePlugin, askPythonPlugin } from '../sigv4/plugins.mjs'

const count = 10_000
const inputs = makeInputs(count)
const timeout = 290_000

describe(`${count} logins, signed by ours and by`, () => {
  /** @type {string[]} */
  let ours = []
  /**
   * They run at the same time, because they wait for downloads and compilers.
   *
   * @type {Record<string, Promise<string[]>>}
   */
  let plugins = {}
  before(async () => {
    plugins = {
      node: stage('asking the plugin for Node.js', () => askNodePlugin(inputs)),
      go: stage('asking the plugin for Go', () => askGoPlugin(inputs)),
      java: stage('asking the plugin for Java', () => askJavaPlugin(inputs)),
      python: stage('asking the plugin for Python', () => askPythonPlugin(inputs)),
    }
    // A separate test for each reports its failure.
    for (const answers of Object.values(plugins)) answers.catch(() => undefined)
    ours = await stage(`signing ${count} logins with ours`, () =>
      inOrder(inputs, (input) => ourAnswer(input)),
    )
  })

  /** @param {string} plugin */
  const answersOf = async (plugin) => (await plugins[plugin]) ?? []

  test('the plugin for Node.js: all equal', { timeout }, async () => {
    assertEqual(await answersOf('node'), ours)
  })

  test('the plugin for Go: all equal', { timeout }, async () => {
    assertEqual(await answersOf('go'), ours)
  })

  test('the plugin for Java: all equal, if the region is in lower case', { timeout }, async () => {
    const theirs = await answersOf('java')
    const lowered = await inOrder(inputs, (input) => ourAnswer(input, { region: input.region.toLowerCase() }))
    assertEqual(theirs, lowered)
    const differing = inputs.filter((_, index) => theirs[index] !== ours[index])
    assert.ok(differing.length > 1_000)
    assert.ok(differing.every(({ region }) => region !== region.toLowerCase()))
  })

  test('the plugin for Python: all equal, if the milliseconds are rounded', { timeout }, async () => {
    const theirs = await answersOf('python')
    const rounded = await inOrder(inputs, (input) => {
      const millis = roundedHalfEven(input.micros)
      // ".1000Z" is not a valid time, and our code cannot write it.
      return millis === 1000 ? undefined : ourAnswer(input, { millis })
    })
    const impossible = theirs.filter((_, index) => rounded[index] === undefined)
    assert.ok(impossible.length > 0)
    assert.ok(impossible.every((answer) => answer.includes('.1000Z')))
    const possible = inputs.map((_, index) => index).filter((index) => rounded[index] !== undefined)
    assertEqual(
      possible.map((index) => theirs[index]),
      possible.map((index) => rounded[index]),
    )
  })
})

test('our endpoints of Keyspaces are those of AWS: every region, with FIPS and without', {
  timeout,
}, async () => {
  const { cases, without } = await stage('asking botocore', endpointsOfAws)
  const file = new URL('../../vectors/sigv4-endpoints.json', import.meta.url)
  const vectors = JSON.parse(readFileSync(file, 'utf8'))
  assert.deepEqual({ cases: vectors.cases, without: vectors.without }, { cases, without })
  for (const { region, host, fipsHost } of cases) {
    assert.equal(keyspacesEndpoint({ region }).host, host)
    const validated = () => keyspacesEndpoint({ region, useFipsEndpoint: true }).host
    if (fipsHost) assert.equal(validated(), fipsHost)
    else assert.throws(validated, { code: 'OPTION_INVALID' })
  }
  for (const region of without) assert.throws(() => keyspacesEndpoint({ region }), { code: 'OPTION_INVALID' })
})

/** Python's round(). @param {number} micros */
function roundedHalfEven(micros) {
  const [floor, rest] = [Math.floor(micros / 1000), micros % 1000]
  if (rest === 500) return floor + (floor % 2)
  return rest > 500 ? floor + 1 : floor
}

/** @template T @template R @param {readonly T[]} items @param {(item: T) => R | Promise<R>} work @returns {Promise<R[]>} */
async function inOrder(items, work) {
  const results = []
  for (const item of items) results.push(await work(item))
  return results
}

/** Prints only the first difference instead of twenty thousand lines. @param {unknown[]} theirs @param {unknown[]} ours */
function assertEqual(theirs, ours) {
  assert.equal(theirs.length, ours.length)
  const differing = theirs.map((_, index) => index).filter((index) => theirs[index] !== ours[index])
  const [first] = differing
  if (first === undefined) return
  assert.fail(
    `${differing.length} of ${ours.length} differ, first ${JSON.stringify(inputs[first])}\n  theirs ${theirs[first]}\n  ours   ${ours[first]}`,
  )
}
