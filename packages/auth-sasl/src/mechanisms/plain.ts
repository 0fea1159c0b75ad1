import { optionBag, type PasswordCredentials, plain } from '@x/auth-core/base'
import { type MechanismRow, passwordFields } from '../mechanism-row.js'

/** PLAIN is the core's. */
const row: MechanismRow<'PLAIN', PasswordCredentials> = {
  name: 'PLAIN',
  credentials: passwordFields,
  options: optionBag('PLAIN', {}),
  provider: {},
  create: () => plain,
}

export const rows = { PLAIN: row }
