/** A password in a mounted secret. */
import { passwordChange } from '../lib/password-change.mjs'

export const kind = passwordChange({
  user: 'folder',
  title: 'a password in a mounted secret',
  about:
    'The nodes take another password. Logins with the old one are refused, and then the folder changes in the way of Kubernetes, by one symbolic link.',
})
