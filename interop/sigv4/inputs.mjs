/** Logins to sign. They are the same in every run, and some are unusual on purpose. */

/**
 * @typedef {object} Input
 * @property {string} region
 * @property {string} accessKeyId
 * @property {string} secretAccessKey
 * @property {string | null} sessionToken
 * @property {string} nonce 32 bytes of UTF-8
 * @property {number} seconds since the epoch
 * @property {number} micros of that second; JavaScript has only milliseconds
 */

const regions = [
  ...[
    'us-east-1',
    'us-west-2',
    'eu-central-1',
    'ap-southeast-3',
    'sa-east-1',
    'cn-northwest-1',
    'us-gov-west-1',
  ],
  // Forms that a user may write. AWS's plugins treat them differently.
  ...['US-EAST-1', 'Eu-West-1'],
]

const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const base64 = `${alphanumeric}+/=`
const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index))
  .filter((character) => character !== ',')
  .join('')
const beyondAscii = [...'äß€漢字🔑é\u0301\u200dİı']

/** Times at which clocks and formats fail. */
const edgeSeconds = [
  ...['1970-01-01T00:00:00Z', '1999-12-31T23:59:59Z', '2000-02-29T00:00:00Z', '2028-02-29T23:59:59Z'],
  ...['2026-11-21T23:59:59Z', '2026-11-22T00:00:00Z', '2038-01-19T03:14:07Z', '2099-12-31T23:59:59Z'],
].map((text) => Date.parse(text) / 1000)
const edgeMicros = [
  0, 1, 499, 500, 501, 999, 1_000, 1_500, 2_500, 999_000, 999_499, 999_500, 999_501, 999_999,
]

/** @param {number} count @returns {Input[]} */
export function inputs(count) {
  const random = generator(20_261_122)
  const pick = (/** @type {ArrayLike<any>} */ from) => from[Math.floor(random() * from.length)]
  const text = (/** @type {ArrayLike<string>} */ from, /** @type {number} */ length) =>
    Array.from({ length }, () => pick(from)).join('')
  const odd = () => random() < 0.3
  const oddText = (/** @type {number} */ length) =>
    text(random() < 0.5 ? printable : [...printable, ...beyondAscii], length)

  return Array.from({ length: count }, () => ({
    region: pick(regions),
    accessKeyId: odd()
      ? oddText(1 + Math.floor(random() * 40))
      : `AKIA${text(alphanumeric, 16).toUpperCase()}`,
    secretAccessKey: odd() ? oddText(1 + Math.floor(random() * 200)) : text(base64, 40),
    sessionToken: random() < 0.5 ? null : odd() ? oddText(1 + Math.floor(random() * 300)) : text(base64, 400),
    nonce: odd() ? nonceOf(text(printable, 32)) : text('0123456789abcdef', 32),
    seconds: odd() ? pick(edgeSeconds) : Math.floor(random() * 4_102_444_800),
    micros: odd() ? pick(edgeMicros) : Math.floor(random() * 1_000_000),
  }))
}

/** Removes a second nonce, which our provider would refuse. @param {string} text */
function nonceOf(text) {
  return text.replaceAll('nonce=', 'nonce_')
}

/** mulberry32: small, with the same numbers on every machine. @param {number} seed */
function generator(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
