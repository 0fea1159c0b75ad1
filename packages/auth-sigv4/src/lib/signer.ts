import { createHash, createHmac, hash, type KeyObject } from 'node:crypto'

const algorithm = 'AWS4-HMAC-SHA256'
/** `2026-11-22T12:00:00.` in the string to sign, unchanged, and in the request, URL-encoded. */
const dateLength = '2026-11-22T12:00:00.'.length
const encodedDateLength = '2026-11-22T12%3A00%3A00.'.length
const digestLength = 64

/**
 * Signs the logins of one day, region and credential: two SHA-256 and one HMAC each. Keyspaces signs a request that
 * nobody sends: PUT /authenticate, host `cassandra`, the nonce as body.
 *
 * Of the two texts that are hashed only the time and a digest change, so they are kept as bytes and written into: half
 * the time of building them. Nothing here waits, so no login sees the bytes of another.
 */
export class Signer {
  readonly #key: KeyObject
  readonly #request: Buffer
  readonly #requestDate: number
  readonly #stringToSign: Buffer
  readonly #signedDate = algorithm.length + 1
  #second = Number.NaN
  #date = ''

  constructor(accessKeyId: string, scope: string, key: KeyObject) {
    this.#key = key
    // The parameters stand in the order of their names. The access key id is not URL-encoded, as in all AWS plugins.
    const credential = `${accessKeyId}%2F${encodeURIComponent(scope)}`
    const head = `PUT\n/authenticate\nX-Amz-Algorithm=${algorithm}&X-Amz-Credential=${credential}&X-Amz-Date=`
    const date = ' '.repeat(encodedDateLength)
    const digest = ' '.repeat(digestLength)
    this.#request = Buffer.from(`${head}${date}000Z&X-Amz-Expires=900\nhost:cassandra\n\nhost\n${digest}`)
    this.#requestDate = Buffer.byteLength(head)
    this.#stringToSign = Buffer.from(`${algorithm}\n${' '.repeat(dateLength)}000Z\n${scope}\n${digest}`)
  }

  /** The beginning of an answer to the server: signature, access key id and time, in milliseconds that are cut. */
  answer(accessKeyId: string, nonce: Uint8Array, now: number): string {
    const time = Math.trunc(now)
    const second = Math.floor(time / 1000)
    if (second !== this.#second) this.#setSecond(second)
    const millis = time - second * 1000

    writeDigits(this.#request, this.#requestDate + encodedDateLength, millis)
    writeDigits(this.#stringToSign, this.#signedDate + dateLength, millis)
    this.#request.write(sha256(nonce), this.#request.length - digestLength, 'latin1')
    this.#stringToSign.write(sha256(this.#request), this.#stringToSign.length - digestLength, 'latin1')
    const signature = createHmac('sha256', this.#key).update(this.#stringToSign).digest('hex')
    const digits = String(millis).padStart(3, '0')
    return `signature=${signature},access_key=${accessKeyId},amzdate=${this.#date}${digits}Z`
  }

  #setSecond(second: number): void {
    const date = new Date(second * 1000).toISOString().slice(0, dateLength)
    if (!date.endsWith('.')) throw new RangeError('The clock is beyond the year 9999.')
    this.#stringToSign.write(date, this.#signedDate, 'latin1')
    this.#request.write(date.replaceAll(':', '%3A'), this.#requestDate, 'latin1')
    this.#date = date
    this.#second = second
  }
}

/** Three digits, as `toISOString` writes milliseconds. */
function writeDigits(buffer: Buffer, at: number, millis: number): void {
  const zero = 0x30
  buffer[at] = zero + Math.floor(millis / 100)
  buffer[at + 1] = zero + (Math.floor(millis / 10) % 10)
  buffer[at + 2] = zero + (millis % 10)
}

/** The one-shot `crypto.hash` takes half the time; Node.js has it from 20.12 and 21.7 on. */
const sha256: (data: Uint8Array) => string =
  typeof hash === 'function'
    ? (data) => hash('sha256', data)
    : (data) => createHash('sha256').update(data).digest('hex')
