/** A password in AWS Secrets Manager. */
import { passwordChange } from '../lib/password-change.mjs'

export const kind = passwordChange({
  user: 'manager',
  title: 'a password in Secrets Manager',
  about:
    'The nodes take another password. Logins with the old one are refused, and then the secret in AWS Secrets Manager has the new one. The AWS SDK reads it.',
})
