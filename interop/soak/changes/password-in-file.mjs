/** A password in a file. */
import { passwordChange } from '../lib/password-change.mjs'

export const kind = passwordChange({
  user: 'file',
  title: 'a password in a file',
  about:
    'The nodes take another password. Logins with the old one are refused, and then a rename puts the new one into the file.',
})
