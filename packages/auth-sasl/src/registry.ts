import { type Mechanism, plain } from '@x/auth-core/base'
import { anonymous } from './mechanisms/anonymous.js'
import { cramMd5 } from './mechanisms/cram-md5.js'
import { digestMd5 } from './mechanisms/digest-md5.js'
import { external } from './mechanisms/external.js'
import { gssapi } from './mechanisms/gssapi.js'
import { oauthBearer } from './mechanisms/oauthbearer.js'
import { type ScramName, type ScramOptions, scram } from './mechanisms/scram.js'

/** What is to be known of a mechanism in order to make a provider of it. */
export interface MechanismRow {
  /** IANA name. */
  readonly name: string
  /** The fields of its credentials. */
  readonly credentials: readonly string[]
  /** The options that its factory takes. */
  readonly options: readonly string[]
  /** Makes a mechanism for one provider: what it keeps between logins is not shared with others. */
  readonly create: (options: object) => Mechanism<unknown>
}

const password = ['username', 'password', 'authorizationId']

/** All mechanisms that go by a name. */
export const registry: readonly MechanismRow[] = [
  ...(['SCRAM-SHA-512', 'SCRAM-SHA-256', 'SCRAM-SHA-1'] as const).map(scramRow),
  {
    name: 'DIGEST-MD5',
    credentials: password,
    options: ['realm', 'service', 'host'],
    create: (options) => digestMd5(options),
  },
  {
    name: 'GSSAPI',
    credentials: ['principal', 'authorizationId', 'keytab', 'ticketCache'],
    // The provider's deadline too: KDCs get a part of it.
    options: ['service', 'host', 'kerberos', 'deadlineMs'],
    create: (options) => gssapi(options),
  },
  { name: 'CRAM-MD5', credentials: ['username', 'password'], options: [], create: () => cramMd5 },
  { name: 'PLAIN', credentials: password, options: [], create: () => plain },
  {
    name: 'OAUTHBEARER',
    credentials: ['token', 'authorizationId'],
    options: ['host', 'port', 'extensions'],
    create: (options) => oauthBearer(options),
  },
  { name: 'EXTERNAL', credentials: ['authorizationId'], options: [], create: () => external },
  { name: 'ANONYMOUS', credentials: ['trace'], options: [], create: () => anonymous },
]

function scramRow(name: ScramName): MechanismRow {
  return {
    name,
    credentials: password,
    options: ['minIterations', 'maxIterations'],
    create: (options) => scram(name, options as ScramOptions),
  }
}
