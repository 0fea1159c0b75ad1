import { cached, fromFile } from '@x/auth-core'
import { PlainTextAuthProvider } from '@x/auth-plaintext'

/** @param {string} file */
export function vaultAgentProvider(file) {
  // #region vault-agent
  // The Agent renders the file again when Vault gives another user; connections made from then on use that one.
  const authProvider = new PlainTextAuthProvider({ credentials: cached(fromFile({ path: file })) })
  // #endregion vault-agent
  return authProvider
}
