/** Bytes that do not have the expected format. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
}

/** The passphrase does not open it: a checksum or a padding is wrong. */
export class DecryptionError extends Error {
  override readonly name = 'DecryptionError'
}

/** It needs more time or memory than is accepted. OpenSSL has no such limit, so it is not tried there either. */
export class LimitError extends Error {
  override readonly name = 'LimitError'
}
