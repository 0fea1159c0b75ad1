import { createHash } from 'node:crypto'
import {
  authError,
  finish,
  isDseAuthenticator,
  type MutualMechanism,
  optionBag,
  providerOptions,
  readOptions,
  refuseMore,
  type Spec,
  send,
  withoutData,
} from '@x/auth-core/base'
import { parseAuthorizationId } from '../lib/authorization-id.js'
import type { KerberosEnvironment } from '../lib/gssapi/environment.js'
import { asKerberosModule, type KerberosModule } from '../lib/gssapi/kerberos-module.js'
import { hostFor, hostOption, type ServerHost } from '../lib/server-host.js'
import { serviceOption } from '../lib/service-option.js'
import type { MechanismRow } from '../mechanism-row.js'

/** Who logs in with Kerberos, and where the tickets are. */
export interface GssapiCredentials {
  /** The client, such as `app` or `app@EXAMPLE.COM`. Default: the principal of the ticket cache, or the keytab's first entry. */
  readonly principal?: string | undefined
  /** The role to act as. Default: the one that the server derives from the principal. */
  readonly authorizationId?: string | undefined
  /**
   * File with the client's key: tickets are obtained and renewed from it without kinit. KRB5_CLIENT_KTNAME has it while
   * libkrb5 works. Default: that of the process.
   */
  readonly keytab?: string | undefined
  /**
   * Where tickets are kept: a file, or a name with its type such as `KEYRING:…`; KRB5CCNAME has it while libkrb5 works.
   * Default: with `keytab`, a separate cache in memory; else that of the process.
   */
  readonly ticketCache?: string | undefined
}

/** Options of GSSAPI. */
export interface GssapiOptions {
  /** The first part of the server's principal. Default `cassandra`, with DseAuthenticator `dse`. */
  readonly service?: string | undefined
  /**
   * The second part, by node: a name, a map from addresses, a function, or `'reverse-dns'`. Default: the node's
   * address, which libkrb5 translates as krb5.conf says.
   */
  readonly host?: ServerHost | undefined
  /** npm `kerberos`, if this package cannot find it: `kerberos: require('kerberos')`. */
  readonly kerberos?: KerberosModule | { readonly default: KerberosModule } | undefined
  /** The deadline of the whole login; KDCs get four fifths of it. SaslAuthProvider passes its own. Default 10 000. */
  readonly deadlineMs?: number | undefined
}

const bag = optionBag('gssapi', {
  service: {
    ...serviceOption,
    shown: '`cassandra`, with DseAuthenticator `dse`',
    why: 'The names under which servers register with a KDC.',
  },
  host: { ...hostOption, shown: "the node's address", why: 'libkrb5 canonicalizes it as krb5.conf says.' },
  kerberos: {
    must: "the module itself: require('kerberos')",
    take: asKerberosModule,
    initial: undefined,
    shown: 'npm `kerberos`, if it is installed',
    why: 'An optional native package: it loads at the first login.',
  },
  deadlineMs: { ...providerOptions.deadlineMs, why: "The provider's deadline; KDCs get four fifths of it." },
} satisfies Spec<GssapiOptions>)

interface ParsedGssapi {
  readonly principal: string | undefined
  readonly authorizationId: string
  readonly environment: KerberosEnvironment
}

/** The codes for: no Kerberos here, or no credentials. An expired ticket is a failure. */
const unavailable = [
  'KERBEROS_NOT_INSTALLED',
  'KERBEROS_NOT_BUILT',
  'KERBEROS_LIBRARY_MISSING',
  'KERBEROS_NO_CREDENTIALS',
  'KERBEROS_CREDENTIALS_UNUSABLE',
]

/** The words that lead to this code may come from a KDC. */
const hearsay = ['KERBEROS_CREDENTIALS_UNUSABLE']

/** npm `kerberos` silently cuts off what is longer than the 4 091 bytes that fit. */
const maxAuthorizationIdBytes = 1_024

/**
 * GSSAPI (RFC 4752) with Kerberos 5, no security layer: client and server prove themselves with tickets of a KDC. Needs npm
 * `kerberos`, which is loaded at the first login.
 *
 * Errors: OPTION_INVALID here; CREDENTIALS_INVALID; in an exchange HOST_UNKNOWN, GSSAPI_LAYER_REQUIRED, GSSAPI_FAILED, those that
 * begin with KERBEROS_, and CHALLENGE_INVALID of `@x/auth-core`.
 */
export function gssapi(options?: GssapiOptions): MutualMechanism<ParsedGssapi>
export function gssapi(options?: GssapiOptions, ...more: readonly unknown[]): MutualMechanism<ParsedGssapi> {
  refuseMore('gssapi', more)
  const read = readOptions(bag, options)
  const { service, host = ({ address }: { address: string }) => address, kerberos, deadlineMs } = read
  return {
    name: 'GSSAPI',
    clientFirst: true,
    mutual: true,
    cleartext: false,
    spec: 'RFC 4752',
    unavailable,
    hearsay,

    parseCredentials,

    async *converse({ principal, authorizationId, environment }, context) {
      const { authenticator, signal } = context
      const { GssapiLogin } = loginModule()
      const name = service ?? (isDseAuthenticator(authenticator) ? 'dse' : 'cassandra')
      const login = await GssapiLogin.begin({
        kerberos,
        server: `${name}@${await hostFor(host, context)}`,
        principal,
        environment,
        boundMs: deadlineMs * 0.8,
        signal,
      })
      const reply = yield send(login.firstMessage)
      const offer = yield send(await login.readReply(reply))
      const choice = await login.answerOffer(offer, authorizationId)
      // RFC 4752 §3.2: the server's success has no data.
      yield finish(
        choice,
        withoutData(() => context.vouchForServer()),
      )
    },
  }
}

/** Loaded at the first login: most users of this package have another mechanism. */
function loginModule(): typeof import('../lib/gssapi/login.js') {
  return require('../lib/gssapi/login.js') as typeof import('../lib/gssapi/login.js')
}

/** All are optional, so an unknown name is a mistake that would log in as somebody else. */
const fields = ['principal', 'authorizationId', 'keytab', 'ticketCache', 'expiresAt']

function parseCredentials(value: unknown): ParsedGssapi {
  const known =
    typeof value === 'object' && value !== null && Object.keys(value).every((key) => fields.includes(key))
  if (!known)
    throw authError('CREDENTIALS_INVALID', `GSSAPI takes an object with some of ${fields.join(', ')}.`)
  const { principal, authorizationId, keytab, ticketCache } = value as Record<string, unknown>
  const role = parseAuthorizationId(authorizationId)
  if (Buffer.byteLength(role) > maxAuthorizationIdBytes) {
    throw authError(
      'CREDENTIALS_INVALID',
      `The authorizationId is longer than ${maxAuthorizationIdBytes} bytes.`,
    )
  }
  return {
    principal: parseText('principal', principal),
    authorizationId: role,
    environment: environmentOf(parseText('keytab', keytab), parseText('ticketCache', ticketCache), principal),
  }
}

/** A keytab has its own cache: with another client's cache, libkrb5 would log in as that client. */
function environmentOf(
  keytab: string | undefined,
  ticketCache: string | undefined,
  principal: unknown,
): KerberosEnvironment {
  if (keytab === undefined && ticketCache === undefined) return {}
  if (!ownsEnvironment()) {
    throw authError(
      'CREDENTIALS_INVALID',
      'keytab and ticketCache are set in the environment of the process, which a worker thread cannot do; set KRB5_CLIENT_KTNAME and KRB5CCNAME before the process starts.',
    )
  }
  const own = () => `MEMORY:x-auth-${digest(JSON.stringify([keytab, principal]))}`
  return {
    ...(keytab !== undefined && { KRB5_CLIENT_KTNAME: keytab }),
    KRB5CCNAME: ticketCache ?? own(),
  }
}

/** Loaded here, since it takes a quarter of the time in which this package loads, and only keytabs need it. */
function ownsEnvironment(): boolean {
  const { isMainThread } = require('node:worker_threads') as typeof import('node:worker_threads')
  return isMainThread
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** A text that C code takes whole. */
function parseText(field: string, value: unknown): string | undefined {
  if (value === undefined) return undefined
  const fits = typeof value === 'string' && value !== '' && value.length <= 1_024
  if (fits && !/\p{Cc}/u.test(value) && value.isWellFormed()) return value
  throw authError(
    'CREDENTIALS_INVALID',
    `The ${field} is not text of 1 to 1024 characters without control characters.`,
  )
}

const row: MechanismRow<'GSSAPI', GssapiCredentials, GssapiOptions> = {
  name: 'GSSAPI',
  credentials: { principal: true, authorizationId: true, keytab: true, ticketCache: true },
  options: bag,
  provider: {},
  create: gssapi,
}

export const rows = { GSSAPI: row }
