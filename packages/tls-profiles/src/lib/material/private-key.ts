import { createPrivateKey, type KeyObject } from 'node:crypto'
import { TlsError } from '../../errors.js'
import { nameOf, type Source } from './source.js'

/** Parses a private key, encrypted or not, and says what is wrong with it in our words. */
export function readPrivateKey(bytes: Buffer, source: Source, passphrase: string | undefined): KeyObject {
  const text = bytes.toString('latin1')
  const at = { file: source.file }
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    throw new TlsError('KEY_MISSING', `There is no private key in ${nameOf(source)}.`, at)
  }
  // PKCS #8 says so in its label, the older form of OpenSSL in a header (RFC 1421 §4.6.1.1).
  const encrypted = /BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type: 4,ENCRYPTED/m.test(text)
  if (encrypted && passphrase === undefined) {
    throw new TlsError('PASSPHRASE_MISSING', `The private key in ${nameOf(source)} is encrypted.`, at)
  }
  try {
    return createPrivateKey(passphrase === undefined ? bytes : { key: bytes, passphrase })
  } catch (cause) {
    throw encrypted
      ? new TlsError('PASSPHRASE_WRONG', `The passphrase does not open the key in ${nameOf(source)}.`, {
          ...at,
          cause,
        })
      : new TlsError('KEY_INVALID', `The private key in ${nameOf(source)} can not be parsed.`, {
          ...at,
          cause,
        })
  }
}
