import { type Option, some } from '@x/auth-core/base'

/** RFC 2831 §2.1.2, RFC 4120 §6.2.1: the service's part of a name, which the slash ends. */
export const serviceOption: Option<string, undefined> = some(
  'a name such as cassandra: letters, digits, dot and hyphen',
  (value) => typeof value === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(value),
)
