/** A password in a secret store. */
import { passwordChange } from '../lib/password-change.mjs'

export const kind = passwordChange({
  user: 'store',
  title: 'a password in a secret store',
  about:
    'The nodes take another password. Logins with the old one are refused, and then the key-value engine of Vault has the new one.',
})
