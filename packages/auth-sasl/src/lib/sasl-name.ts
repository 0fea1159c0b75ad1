/** RFC 5802 §5.1 and RFC 5801 §4: in a saslname `=` is written `=3D`, and `,` is `=2C`. */
export function saslName(text: string): string {
  return text.replace(/[=,]/g, (character) => (character === '=' ? '=3D' : '=2C'))
}

/** RFC 5801 §4: the GS2 header of a client without channel binding, with the role to act as. */
export function gs2HeaderOf(authorizationId: string): string {
  return authorizationId === '' ? 'n,,' : `n,a=${saslName(authorizationId)},`
}
