import type { CredentialContext, CredentialSource, Credentials } from '@x/auth-core'
import { authError, type Mechanism, type MechanismChoice, type ProviderOptions } from '@x/auth-core/base'
import { saslError } from '../errors.js'
import type { MutualOptions, SaslAuthOptions, SaslListOptions } from '../options.js'
import { type MechanismRow, registry } from '../registry.js'

/** What a provider is made of. */
export interface ReadOptions {
  readonly mechanisms: readonly MechanismChoice[]
  readonly provider: ProviderOptions & MutualOptions
}

type Bag = Readonly<Record<string, unknown>>

/** The compiler sees to it that none is forgotten. */
const providerOptions: Readonly<Record<keyof ProviderOptions | keyof MutualOptions, true>> = {
  deadlineMs: true,
  authenticators: true,
  clock: true,
  serverVerification: true,
}
const providerOptionNames = Object.keys(providerOptions)

/** Tells options apart: of mechanisms, of their credentials, of the provider. Throws OPTION_INVALID, MECHANISM_UNKNOWN. */
export function readOptions(options: SaslAuthOptions | SaslListOptions): ReadOptions {
  const bag = options as unknown as Bag
  const mechanisms = bag?.['mechanisms'] === undefined ? [readMechanism(bag)] : readList(bag)
  return { mechanisms, provider: pick(bag, providerOptionNames) }
}

function readMechanism(bag: Bag): MechanismChoice {
  const row = rowOf(bag?.['mechanism'])
  const known = ['mechanism', 'credentials', ...providerOptionNames, ...row.credentials, ...row.options]
  refuseUnknown(bag, known, row.name)
  return { mechanism: row.create(pick(bag, row.options)), credentials: readCredentials(bag, row) }
}

/** Each entry is read as if it stood alone, within the deadline of all. */
function readList(bag: Bag): readonly MechanismChoice[] {
  const { mechanism, mechanisms, deadlineMs } = bag
  if (mechanism !== undefined) {
    throw authError('OPTIONS_CONTRADICT', 'Give either mechanism, or mechanisms for a list of them.')
  }
  refuseUnknown(bag, ['mechanisms', ...providerOptionNames], 'A list of mechanisms')
  const entries: readonly unknown[] = Array.isArray(mechanisms) ? mechanisms : []
  if (entries.length === 0 || entries.some((entry) => typeof entry !== 'object' || entry === null)) {
    throw authError(
      'OPTION_INVALID',
      'The option mechanisms is a list of at least one object with mechanism, its options and its credentials.',
    )
  }
  return entries.map((entry) => {
    const misplaced = providerOptionNames.find((name) => name in (entry as Bag))
    if (misplaced === undefined) return readMechanism({ ...(entry as Bag), deadlineMs })
    throw authError(
      'OPTION_INVALID',
      `The option ${misplaced} is of the whole login: it stands beside mechanisms.`,
    )
  })
}

function rowOf(mechanism: unknown): MechanismRow {
  const row = registry.find(({ name }) => name === mechanism)
  if (row) return row
  if (isMechanism(mechanism)) {
    return { name: mechanism.name, credentials: [], options: [], create: () => mechanism }
  }
  const known = registry.map(({ name }) => name).join(', ')
  if (typeof mechanism !== 'string') {
    throw authError('OPTION_INVALID', `The option mechanism is one of ${known}, or a mechanism of your own.`)
  }
  throw saslError(
    'MECHANISM_UNKNOWN',
    `There is no mechanism ${JSON.stringify(mechanism)}; there are ${known}.`,
  )
}

/** The parts that are used before the first login; what the rest is worth shows in an exchange. */
function isMechanism(value: unknown): value is Mechanism<unknown> {
  const { name, converse, parseCredentials } = (value ?? {}) as Bag
  return [typeof name, typeof converse, typeof parseCredentials].join() === 'string,function,function'
}

/** A misspelt option would otherwise be a default, in silence. */
function refuseUnknown(bag: Bag, known: readonly string[], who: string): void {
  const unknown = Object.keys(bag).find((key) => !known.includes(key))
  if (unknown !== undefined)
    throw authError('OPTION_INVALID', `${who} has no option ${JSON.stringify(unknown)}.`)
}

function readCredentials(bag: Bag, row: MechanismRow): Credentials<object> {
  const fields = pick(bag, row.credentials) as Bag
  const { credentials } = bag
  if (credentials === undefined) return joined(fields)
  if (Object.keys(fields).length > 0) {
    throw authError('OPTIONS_CONTRADICT', `Give either credentials or ${Object.keys(fields).join(', ')}.`)
  }
  if (typeof credentials === 'function' || (typeof credentials === 'object' && credentials !== null)) {
    return credentials as Credentials<object>
  }
  throw authError('OPTION_INVALID', 'The option credentials is an object, or a function that returns one.')
}

/** Fields that are functions make the whole a source, which asks them all at once for each connection. */
function joined(fields: Bag): object | CredentialSource<object> {
  if (!Object.values(fields).some((field) => typeof field === 'function')) return fields
  return async (context: CredentialContext) => {
    const answers = Object.entries(fields).map(async ([name, field]) => [
      name,
      typeof field === 'function' ? await field(context) : field,
    ])
    return Object.fromEntries(await Promise.all(answers)) as object
  }
}

function pick(bag: Bag, names: readonly string[]): object {
  return Object.fromEntries(names.filter((name) => bag[name] !== undefined).map((name) => [name, bag[name]]))
}
