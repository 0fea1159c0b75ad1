/** What is not in the format that it should be in. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
}

/** What was not opened by this passphrase: a checksum or a padding is wrong. */
export class DecryptionError extends Error {
  override readonly name = 'DecryptionError'
}
