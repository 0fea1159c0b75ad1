/**
 * Known texts of Vault and OpenBao in `errors` that help to find the cause. Other texts never get into our messages:
 * they may repeat what we sent, and that may be a secret.
 */
const knownTexts = [
  'permission denied',
  'invalid token',
  'missing client token',
  'Vault is sealed',
  'security barrier not initialized',
  'no handler for route',
  'unsupported path',
  'unsupported operation',
  'unknown role',
  'unknown static role',
  'is not an allowed role',
  'invalid role ID',
  'invalid role or secret ID',
  'invalid secret id',
  'source address',
  'could not be found',
  'lease not found',
  'lease expired',
  'lease is not renewable',
  'wrapping token is not valid or does not exist',
  'service account name not authorized',
  'namespace not authorized',
  'audience claim does not match',
  'invalid audience (aud) claim',
  'error validating token',
  'error verifying token signature',
  'token is expired',
  'claim does not match',
  "failed to verify client's certificate",
  'failed to find certificate',
  'no chain matching all constraints could be found',
  'no client certificate supplied',
  'client certificate must be supplied',
  'entry for role',
  'request quota exceeded',
  'local node not active but active cluster node not found',
] as const

/** The first text of the list that the answer contains, or undefined. */
export function knownText(errors: readonly unknown[]): string | undefined {
  const said = errors
    .filter((each) => typeof each === 'string')
    .map((each) => each.slice(0, 4_096).toLowerCase())
  return knownTexts.find((text) => said.some((each) => each.includes(text.toLowerCase())))
}
