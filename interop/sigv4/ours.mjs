/** Returns the answer of our provider. This code replaces the driver in the exchange. */
import { SigV4AuthProvider } from '@x/auth-sigv4'

/**
 * @param {import('./inputs.mjs').Input} input
 * @param {{ region?: string, millis?: number }} [instead]
 * @returns {Promise<string>}
 */
export async function ourAnswer(input, instead = {}) {
  const { accessKeyId, secretAccessKey, sessionToken, nonce, seconds, micros } = input
  const { region = input.region, millis = Math.floor(micros / 1000) } = instead
  const clock = {
    now: () => seconds * 1000 + millis,
    schedule: () => ({ ref() {}, unref() {}, cancel() {} }),
  }
  const provider = new SigV4AuthProvider({
    region,
    accessKeyId,
    secretAccessKey,
    sessionToken: sessionToken ?? undefined,
    clock,
  })
  const exchange = provider.newAuthenticator('127.0.0.1:9142', 'com.amazon.helenus.auth.HelenusAuthenticator')
  await token((callback) => exchange.initialResponse(callback))
  const challenge = Buffer.from(`nonce=${nonce}`)
  return String(await token((callback) => exchange.evaluateChallenge(challenge, callback)))
}

/** @param {(callback: (error: Error | null, token?: Buffer) => void) => void} start */
function token(start) {
  return new Promise((resolve, reject) => start((error, bytes) => (error ? reject(error) : resolve(bytes))))
}
