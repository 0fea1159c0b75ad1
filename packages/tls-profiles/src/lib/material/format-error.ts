/** What is not in the format that it should be in. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
}

/** What was not opened by this passphrase: a checksum or a padding is wrong. */
export class DecryptionError extends Error {
  override readonly name = 'DecryptionError'
}

/** What asks for more time or memory than is accepted. Nobody else is asked to try it: OpenSSL has no such limit. */
export class LimitError extends Error {
  override readonly name = 'LimitError'
}
