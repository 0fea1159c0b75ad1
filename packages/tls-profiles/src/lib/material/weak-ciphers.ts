import { Duplex } from 'node:stream'
import { connect, createSecureContext, DEFAULT_CIPHERS, type SecureContextOptions } from 'node:tls'

/** What a cipher list allows, as the end of a sentence. */
const kinds: readonly { readonly text: string; readonly isIn: (ciphers: string) => boolean }[] = [
  { text: 'weak keys', isIn: (ciphers) => admitsWeakKeys(ciphers) && !admitsWeakKeys('DEFAULT') },
  // Each list keeps only the suites in question (openssl-ciphers(1)), so OpenSSL says which suite is which.
  {
    text: 'servers that show no certificate',
    isIn: (ciphers) => isOffered(`${ciphers}:!aRSA:!aECDSA:!aDSS:!aPSK:!aSRP:!aGOST`),
  },
  { text: 'no encryption at all', isIn: (ciphers) => isOffered(`${ciphers}:!HIGH:!MEDIUM:!LOW`) },
]

/**
 * What is weak in a cipher list. Without a list, it checks that of Node.js (which `--tls-cipher-list` changes). The
 * text of the list does not show it: a later word may remove a suite, or the security level may exclude it.
 */
export function weaknessesOf(ciphers: string = DEFAULT_CIPHERS): readonly string[] {
  return kinds.flatMap(({ text, isIn }) => (isIn(ciphers) ? [text] : []))
}

/** Whether a list is at security level 0 of OpenSSL, which accepts a key of 512 bits. Also true if OpenSSL has no levels. */
export function admitsWeakKeys(ciphers: string = DEFAULT_CIPHERS): boolean {
  try {
    createSecureContext({ ca: [], ciphers, cert: weakCertificate })
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ERR_SSL_EE_KEY_TOO_SMALL'
  }
}

const handshake = 22

/** Whether a client begins a handshake with this list. What it writes is discarded. */
function isOffered(ciphers: string): boolean {
  const context = contextOf({ ca: [], ciphers, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })
  if (!context) return false
  let first: number | undefined
  const nowhere = new Duplex({
    read() {},
    write(chunk: Buffer, _, done) {
      first ??= chunk[0]
      done()
    },
  })
  // There is no connection, so nothing has to be verified.
  const socket = connect({ socket: nowhere, secureContext: context })
  socket.on('error', () => undefined) // no cipher is left: an alert instead of a handshake
  socket.destroy()
  nowhere.destroy()
  return first === handshake
}

function contextOf(options: SecureContextOptions) {
  try {
    return createSecureContext(options)
  } catch {
    return undefined // no suite is left
  }
}

/** A self-signed certificate with an RSA key of 512 bits, used only for this check. */
const weakCertificate = `-----BEGIN CERTIFICATE-----
MIIBVzCCAQGgAwIBAgIUNbdr4Hxg8W7P6f6l56RxPh9EPQAwDQYJKoZIhvcNAQEL
BQAwADAeFw0yNjExMjkwODUyNTFaFw0yNjExMzAwODUyNTFaMAAwXDANBgkqhkiG
9w0BAQEFAANLADBIAkEAxJRhOYUYZWIrfxmpGdAkNOoBJXFh4zaF0ebBLbm57SNE
dvoUxZbcHDlnakNg4W/dwXItUCGGO+0evXhT9BtawwIDAQABo1MwUTAdBgNVHQ4E
FgQUCE0YYMqErVIsFWMWJJW6CfKHtWIwHwYDVR0jBBgwFoAUCE0YYMqErVIsFWMW
JJW6CfKHtWIwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAANBAAn7ejW4
eCGqqGUffES1/gGF1hopMwddz2yUuv8hrBKdiRIaSTI8ifHg7R4RX3HQYm8BqOIx
jlVKJ7NJgzP1KTg=
-----END CERTIFICATE-----
`
