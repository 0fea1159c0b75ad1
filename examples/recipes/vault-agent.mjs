import { cached, fromFile } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'

/** @param {string} file */
export function vaultAgentProvider(file) {
  // #region vault-agent
  // The Agent writes the file again when Vault gives another user. New connections use that user.
  const authProvider = new PlainTextAuthProvider({ credentials: cached(fromFile({ path: file })) })
  // #endregion vault-agent
  return authProvider
}
