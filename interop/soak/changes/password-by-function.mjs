/** A password by a function. */
import { passwordChange } from '../lib/password-change.mjs'

export const kind = passwordChange({
  user: 'function',
  title: 'a password by a function',
  about:
    'The nodes take another password. Logins with the old one are refused, and then the function of the application answers with the new one.',
})
