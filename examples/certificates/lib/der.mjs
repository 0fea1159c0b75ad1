/** The part of DER (X.690) that key stores need. Each function returns the bytes of one element. */

/** @param {number} tag @param {...Uint8Array} contents */
export function element(tag, ...contents) {
  const body = Buffer.concat(contents)
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body])
  const length = Buffer.from(
    body.length
      .toString(16)
      .padStart(8, '0')
      .replace(/^(00)+/, ''),
    'hex',
  )
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body])
}

export const sequence = (...items) => element(0x30, ...items)
export const set = (...items) => element(0x31, ...items)
export const octets = (bytes) => element(0x04, bytes)
export const nothing = () => element(0x05)
/** An explicit tag: [number]. */
export const tagged = (number, ...items) => element(0xa0 | number, ...items)

/** @param {number} value not negative */
export function integer(value) {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')
  return element(0x02, bytes[0] & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)
}

/** @param {string} dotted */
export function oid(dotted) {
  const [first, second, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift((left & 0x7f) | 0x80)
    }
    return groups
  })
  return element(0x06, Buffer.from(bytes))
}

/** @param {string} text is written as UTF-16, big endian; PKCS #12 calls it a BMPString */
export const bmpString = (text) => element(0x1e, utf16(text))

/** @param {string} text */
export const utf16 = (text) => Buffer.from(text, 'utf16le').swap16()
