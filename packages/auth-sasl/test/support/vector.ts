/** One exchange, as a file in `vectors/` has it. */
export interface Vector {
  readonly name: string
  readonly source: string
  readonly mechanism: string
  readonly credentials: Readonly<Record<string, string>>
  readonly options: Readonly<Record<string, unknown>>
  readonly nonce: string | undefined
  readonly exchange: readonly { readonly from: 'client' | 'server'; readonly bytes: Buffer }[]
  /** Where the server sends the last of its messages, which is its proof if it has one. */
  readonly proof: 'none' | 'success' | 'challenge' | 'refused'
  /** Of GSSAPI: what the server's wrapped offer says, hex, which its bytes do not show to a client without the key. */
  readonly kerberos?: { readonly offer: string }
  /** The channel binding data of the connection. */
  readonly binding?: { readonly base64: string; readonly certificate: string }
}
