/** Every journey by its name. A new file in this folder needs a new line here. */
import { journey as allowAllToPassword } from './allow-all-to-password.mjs'
import { journey as caRollOver } from './ca-roll-over.mjs'
import { journey as clientCaRollOver } from './client-ca-roll-over.mjs'
import { journey as passwordToCertificates } from './password-to-certificates.mjs'
import { journey as passwordToScram } from './password-to-scram.mjs'
import { journey as plainToTls } from './plain-to-tls.mjs'
import { journey as roleRenamed } from './role-renamed.mjs'
import { journey as rsaToEcdsa } from './rsa-to-ecdsa.mjs'
import { journey as tls12To13 } from './tls-1.2-to-1.3.mjs'

/** @satisfies {Record<string, import('../journey.mjs').Journey>} */
export const journeys = {
  'allow-all-to-password': allowAllToPassword,
  'password-to-scram': passwordToScram,
  'password-to-certificates': passwordToCertificates,
  'role-renamed': roleRenamed,
  'plain-to-tls': plainToTls,
  'tls-1.2-to-1.3': tls12To13,
  'rsa-to-ecdsa': rsaToEcdsa,
  'ca-roll-over': caRollOver,
  'client-ca-roll-over': clientCaRollOver,
}
