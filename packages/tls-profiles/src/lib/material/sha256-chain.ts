/** FIPS 180-4 §4.2.2: of the first 64 primes, the first 32 bits of the fractional parts of their cube roots. */
const constants = fractions(64, Math.cbrt)
/** §5.3.3: of the first eight, of their square roots. */
const initial = fractions(8, Math.sqrt)

/**
 * SHA-256 of SHA-256 of … 32 bytes, so many times. A call of OpenSSL for each takes twice the time, nearly all of it spent on
 * the way there: this is for hundreds of thousands. What is hashed has one length, so each time is one block with one padding.
 */
export function rehashSha256(from: Buffer, times: number): Buffer {
  const w = new Int32Array(64)
  for (let at = 0; at < 8; at++) w[at] = from.readInt32BE(4 * at)
  for (let left = times; left > 0; left--) {
    // §5.1.1: a bit, zeros, and the length in bits.
    w.fill(0, 8, 15)
    w[8] = 0x80000000
    w[15] = 256
    hashBlock(w)
  }
  const hashed = Buffer.alloc(32)
  for (let at = 0; at < 8; at++) hashed.writeInt32BE(w[at] as number, 4 * at)
  w.fill(0) // a key is made of it
  return hashed
}

/** §6.2.2, from the first state: the 16 words become 64, and the first 8 the next state. Eight rounds at once move no variable. */
function hashBlock(w: Int32Array): void {
  for (let t = 16; t < 64; t++) {
    w[t] =
      (sigma1(w[t - 2] as number) +
        (w[t - 7] as number) +
        sigma0(w[t - 15] as number) +
        (w[t - 16] as number)) |
      0
  }
  let a = initial[0] as number
  let b = initial[1] as number
  let c = initial[2] as number
  let d = initial[3] as number
  let e = initial[4] as number
  let f = initial[5] as number
  let g = initial[6] as number
  let h = initial[7] as number
  for (let t = 0; t < 64; t += 8) {
    h = (h + sum1(e) + (g ^ (e & (f ^ g))) + (constants[t] as number) + (w[t] as number)) | 0
    d = (d + h) | 0
    h = (h + sum0(a) + ((a & b) | (c & (a | b)))) | 0
    g = (g + sum1(d) + (f ^ (d & (e ^ f))) + (constants[t + 1] as number) + (w[t + 1] as number)) | 0
    c = (c + g) | 0
    g = (g + sum0(h) + ((h & a) | (b & (h | a)))) | 0
    f = (f + sum1(c) + (e ^ (c & (d ^ e))) + (constants[t + 2] as number) + (w[t + 2] as number)) | 0
    b = (b + f) | 0
    f = (f + sum0(g) + ((g & h) | (a & (g | h)))) | 0
    e = (e + sum1(b) + (d ^ (b & (c ^ d))) + (constants[t + 3] as number) + (w[t + 3] as number)) | 0
    a = (a + e) | 0
    e = (e + sum0(f) + ((f & g) | (h & (f | g)))) | 0
    d = (d + sum1(a) + (c ^ (a & (b ^ c))) + (constants[t + 4] as number) + (w[t + 4] as number)) | 0
    h = (h + d) | 0
    d = (d + sum0(e) + ((e & f) | (g & (e | f)))) | 0
    c = (c + sum1(h) + (b ^ (h & (a ^ b))) + (constants[t + 5] as number) + (w[t + 5] as number)) | 0
    g = (g + c) | 0
    c = (c + sum0(d) + ((d & e) | (f & (d | e)))) | 0
    b = (b + sum1(g) + (a ^ (g & (h ^ a))) + (constants[t + 6] as number) + (w[t + 6] as number)) | 0
    f = (f + b) | 0
    b = (b + sum0(c) + ((c & d) | (e & (c | d)))) | 0
    a = (a + sum1(f) + (h ^ (f & (g ^ h))) + (constants[t + 7] as number) + (w[t + 7] as number)) | 0
    e = (e + a) | 0
    a = (a + sum0(b) + ((b & c) | (d & (b | c)))) | 0
  }
  w[0] = (initial[0] as number) + a
  w[1] = (initial[1] as number) + b
  w[2] = (initial[2] as number) + c
  w[3] = (initial[3] as number) + d
  w[4] = (initial[4] as number) + e
  w[5] = (initial[5] as number) + f
  w[6] = (initial[6] as number) + g
  w[7] = (initial[7] as number) + h
}

// §4.1.2. So few and so small that V8 puts them in place.
const sum0 = (x: number) => ((x >>> 2) | (x << 30)) ^ ((x >>> 13) | (x << 19)) ^ ((x >>> 22) | (x << 10))
const sum1 = (x: number) => ((x >>> 6) | (x << 26)) ^ ((x >>> 11) | (x << 21)) ^ ((x >>> 25) | (x << 7))
const sigma0 = (x: number) => ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
const sigma1 = (x: number) => ((x >>> 17) | (x << 15)) ^ ((x >>> 19) | (x << 13)) ^ (x >>> 10)

function fractions(count: number, root: (prime: number) => number): Int32Array {
  const primes: number[] = []
  for (let next = 2; primes.length < count; next++) {
    if (primes.every((prime) => next % prime !== 0)) primes.push(next)
  }
  return Int32Array.from(primes, (prime) => (root(prime) % 1) * 2 ** 32)
}
