import { knownAuthenticator } from '@x/auth-core'
import type { LoginChoice } from '../options.js'
import { fieldsOf } from '../probes/provider.js'
import type { Service } from '../probes/service.js'
import type { ProfileOptions } from '../probes/trust.js'
import { Code } from './literal.js'

/** What is known of the server and the user, as far as options of a Client need it. */
export interface Known {
  readonly host: string
  readonly port: number
  readonly dataCenter: string | undefined
  /** Whether the port speaks TLS. */
  readonly tls: boolean
  /** Options of verifyServer or mutual. */
  readonly profile: ProfileOptions | undefined
  readonly hasPassphrase: boolean
  /** Null: the server asks nobody; undefined: not known. */
  readonly authenticator: string | null | undefined
  readonly login: LoginChoice | undefined
  /** Whether the mechanism of the login lets the server prove itself. */
  readonly mutual: boolean
  readonly service: Service | undefined
  /** The path of a secure connect bundle. */
  readonly bundle: string | undefined
}

/** One property of the options, and a remark that comes before it. */
export interface Property {
  /** Undefined: all properties of the value are spread. */
  readonly name: string | undefined
  readonly value: unknown
  readonly remark?: string | undefined
}

/** Options of a Client, before they are written in one of the forms. */
export interface Recipe {
  /** Package → the names that the code imports from it. */
  readonly imports: Readonly<Record<string, readonly string[]>>
  /** The function that makes the options from the properties, and its other argument. */
  readonly maker: string
  readonly properties: readonly Property[]
  readonly choices: (Property & { readonly name: string }) | undefined
  readonly environment: readonly string[]
}

/** Variables that the code reads. The code never contains a secret. */
const variables: Readonly<Record<string, string>> = {
  username: 'CASSANDRA_USERNAME',
  password: 'CASSANDRA_PASSWORD',
  token: 'CASSANDRA_TOKEN',
}
const passphraseVariable = 'CASSANDRA_KEY_PASSPHRASE'

/** What to write. */
export function recipeOf(known: Known): Recipe {
  if (known.service?.kind === 'Amazon Keyspaces' && known.login?.kind !== 'password')
    return keyspacesRecipe(known)
  const login = loginOf(known)
  const profile = profileOf(known)
  const isReadable = !known.tls && login?.readable === true
  if (known.bundle !== undefined) return astraRecipe(known.bundle, login)
  const contact: readonly Property[] = [
    { name: 'contactPoints', value: [known.host] },
    known.dataCenter === undefined
      ? { name: 'localDataCenter', value: 'datacenter1', remark: 'as nodetool status shows it' }
      : { name: 'localDataCenter', value: known.dataCenter },
    { name: 'protocolOptions', value: { port: known.port } },
  ]
  return {
    imports: merge(
      ['@x/auth-core', 'secureClientOptions'],
      ...(login?.imports ?? []),
      ...(profile?.imports ?? []),
    ),
    maker: 'secureClientOptions',
    properties: [...contact, ...(profile ? [profile.property] : []), ...(login ? [login.property] : [])],
    choices: isReadable
      ? {
          name: 'allowCleartextWithoutVerifiedTls',
          value: true,
          remark: 'This server has no TLS: anyone who listens reads the password.',
        }
      : undefined,
    environment: [
      ...(login?.environment ?? []),
      ...(profile && known.hasPassphrase ? [passphraseVariable] : []),
    ],
  }
}

/** The bundle says where to connect, with which TLS, and in which data center. */
function astraRecipe(bundle: string, login: ReturnType<typeof loginOf>): Recipe {
  return {
    imports: merge(
      ['@x/auth-core', 'secureClientOptions'],
      ['@x/tls-profiles', 'astra'],
      ...(login?.imports ?? []),
    ),
    maker: 'secureClientOptions',
    properties: [
      { name: undefined, value: new Call('astra', { bundle }) },
      ...(login ? [login.property] : []),
    ],
    choices: undefined,
    environment: login?.environment ?? [],
  }
}

type Import = readonly [from: string, name: string]

interface Part {
  readonly imports: readonly Import[]
  readonly property: Property
}

function keyspacesRecipe({ service, login, profile, host }: Known): Recipe {
  const { region } = service?.facts ?? {}
  const isRegional = region !== undefined && host.toLowerCase().startsWith(`cassandra.${region}.`)
  return {
    imports: { '@x/auth-sigv4': ['keyspaces'] },
    maker: 'keyspaces',
    properties: [
      isRegional ? { name: 'region', value: region } : { name: 'endpoint', value: host },
      ...(login?.kind === 'sigv4' && login.profile !== undefined
        ? [{ name: 'profile', value: login.profile }]
        : []),
      ...(profile?.['ca'] === undefined ? [] : [{ name: 'ca', value: profile['ca'] }]),
    ],
    choices: undefined,
    environment: [],
  }
}

function profileOf({ tls, profile, hasPassphrase, service }: Known): Part | undefined {
  if (!tls) return undefined
  if (service?.kind === 'Azure Cosmos DB') {
    const code = new Code(`cosmos({ account: '${service.facts['account']}' })`)
    return { imports: [['@x/tls-profiles', 'cosmos']], property: { name: 'sslOptions', value: code } }
  }
  const maker = profile?.['cert'] !== undefined || profile?.['pfx'] !== undefined ? 'mutual' : 'verifyServer'
  const options = {
    ...(profile ?? { ca: '/path/to/ca.pem' }),
    ...(hasPassphrase && { passphrase: new Code(`() => process.env['${passphraseVariable}'] ?? ''`) }),
  }
  return {
    imports: [['@x/tls-profiles', maker]],
    property: {
      name: 'sslOptions',
      value: new Call(maker, options),
      remark: profile ? undefined : 'the root certificate of the cluster, from those who run it',
    },
  }
}

/** A call with one object. */
export class Call {
  readonly name: string
  readonly options: object

  constructor(name: string, options: object) {
    this.name = name
    this.options = options
  }
}

function loginOf(
  known: Known,
): (Part & { readonly readable: boolean; readonly environment: readonly string[] }) | undefined {
  const { login, authenticator } = known
  if (login?.kind === 'sigv4') {
    const value = new Call('SigV4AuthProvider', { profile: login.profile })
    return {
      imports: [['@x/auth-sigv4', 'SigV4AuthProvider']],
      property: { name: 'authProvider', value },
      readable: true,
      environment: [],
    }
  }
  if (login?.kind === 'certificate') return certificateLogin()
  if (login?.kind === 'mechanism') return mechanismLogin(login.mechanism, known)
  if (login === undefined) {
    if (authenticator === null || authenticator === undefined) return undefined
    const { takes, use } = knownAuthenticator(authenticator) ?? {}
    if (takes !== 'any' && takes?.includes('GSSAPI')) return mechanismLogin('GSSAPI', known)
    if (takes !== 'any' && takes?.length === 0) return undefined
    if (use?.startsWith('CertificateAuthProvider')) return certificateLogin()
  }
  return {
    ...fromEnvironment('PlainTextAuthProvider', '@x/auth-plaintext', ['username', 'password'], {}),
    readable: true,
  }
}

/** Also used if the server asks for nothing: the provider does nothing then, and an older node does ask. */
function certificateLogin() {
  const value = new Call('CertificateAuthProvider', {})
  const imports: readonly Import[] = [['@x/auth-core', 'CertificateAuthProvider']]
  return { imports, property: { name: 'authProvider', value }, readable: false, environment: [] }
}

const clearTextMechanisms = ['PLAIN', 'OAUTHBEARER']

function mechanismLogin(mechanism: string, { tls, mutual }: Known) {
  const fields = fieldsOf(mechanism).filter((field) => field in variables)
  // Without TLS the driver's connection has no record, and the driver drops a proof that comes with the success message.
  const more = { mechanism, ...(mutual && !tls && { serverVerification: 'when-sent' }) }
  const readable = clearTextMechanisms.includes(mechanism)
  return { ...fromEnvironment('SaslAuthProvider', '@x/auth-sasl', fields, more), readable }
}

function fromEnvironment(provider: string, from: string, fields: readonly string[], more: object) {
  const names = Object.fromEntries(fields.map((field) => [field, variables[field] as string]))
  const credentials = fields.length > 0 ? { credentials: new Call('fromEnv', names) } : {}
  const imports: readonly Import[] = [
    [from, provider],
    ...(fields.length > 0 ? [['@x/auth-core', 'fromEnv'] as const] : []),
  ]
  const value = new Call(provider, { ...more, ...credentials })
  return { imports, property: { name: 'authProvider', value }, environment: Object.values(names) }
}

function merge(...all: readonly Import[]): Record<string, readonly string[]> {
  const merged: Record<string, string[]> = {}
  for (const [from, name] of all) merged[from] = [...(merged[from] ?? []), name]
  for (const names of Object.values(merged)) names.sort()
  return Object.fromEntries(Object.entries(merged).sort(([a], [b]) => (a < b ? -1 : 1)))
}
