import type { CredentialContext, CredentialSource, Credentials } from '@x/auth-core'
import {
  authError,
  type BaseAuthProviderOptions,
  type Mechanism,
  type MechanismChoice,
  mechanismSnapshot,
  optionBag,
  providerOptions,
  refuseUnknown,
  serverVerificationOption,
} from '@x/auth-core/base'
import type { MechanismRow } from '../mechanism-row.js'
import { registry } from '../registry.js'

type Bag = Readonly<Record<string, unknown>>

/** What a mechanism's row may add to the options of every provider. BaseAuthProvider reads them all. */
const ofSomeMechanisms = { serverVerification: serverVerificationOption }
const shared = Object.keys(providerOptions)
const ofLists = [...shared, ...Object.keys(ofSomeMechanisms), 'allowDowngradeToCleartext']

/** Separates the options of mechanisms, of their credentials, and of the provider. Throws OPTION_INVALID, MECHANISM_UNKNOWN. */
export function providerOptionsOf(given: unknown): BaseAuthProviderOptions<object> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw authError(
      'OPTION_INVALID',
      'SaslAuthProvider takes an object with options, such as { mechanism, credentials }.',
    )
  }
  const bag = given as Bag
  if (bag['mechanisms'] !== undefined) return { ...pick(bag, ofLists), mechanisms: readList(bag) }
  const row = rowOf(bag['mechanism'])
  const own = [...shared, ...Object.keys(row.provider)]
  return { ...pick(bag, own), mechanisms: [readMechanism(bag, row, bag['deadlineMs'], own)] }
}

const listExample = "mechanisms: [{ mechanism: 'GSSAPI' }, { mechanism: 'PLAIN', username, password }]"

function fieldsOfAll(): readonly string[] {
  return registry.flatMap(({ credentials }) => Object.keys(credentials))
}

/** Each entry is read as if it stood alone, within the deadline of all. */
function readList(bag: Bag): readonly MechanismChoice[] {
  const { mechanism, mechanisms, deadlineMs } = bag
  if (mechanism !== undefined) {
    throw authError('OPTIONS_CONTRADICT', 'Give either mechanism, or mechanisms for a list of them.')
  }
  const entries: readonly unknown[] = Array.isArray(mechanisms) ? [...mechanisms] : []
  if (entries.length === 0 || entries.some((entry) => typeof entry !== 'object' || entry === null)) {
    throw authError(
      'OPTION_INVALID',
      `The option mechanisms must be a list of at least one object with a mechanism, its options and its credentials: ${listExample}.`,
    )
  }
  const flat = ['credentials', ...fieldsOfAll()].find((name) => bag[name] !== undefined)
  if (flat !== undefined) {
    throw authError(
      'OPTION_INVALID',
      `The option ${flat} is for one mechanism. In a list, each entry has its own credentials: ${listExample}.`,
    )
  }
  refuseUnknown('A list of mechanisms', ['mechanisms', ...ofLists], bag)
  return entries.map((entry) => {
    const misplaced = ofLists.find((name) => name in (entry as Bag))
    if (misplaced === undefined)
      return readMechanism(entry as Bag, rowOf((entry as Bag)['mechanism']), deadlineMs)
    throw authError(
      'OPTION_INVALID',
      `The option ${misplaced} is for the whole login: set it beside mechanisms, not in an entry.`,
    )
  })
}

/** `beside`: other options that the bag may have. */
function readMechanism(
  bag: Bag,
  row: MechanismRow,
  deadlineMs: unknown,
  beside: readonly string[] = [],
): MechanismChoice {
  const options = Object.keys(row.options.options)
  const fields = Object.keys(row.credentials)
  refuseUnknown(row.name, ['mechanism', 'credentials', ...fields, ...options, ...beside], bag)
  // Some mechanisms need the deadline of the whole login too: KDCs get a part of it.
  const own = { ...pick(bag, options), ...(options.includes('deadlineMs') && { deadlineMs }) }
  return { mechanism: row.create(own), credentials: readCredentials(bag, fields) }
}

function rowOf(mechanism: unknown): MechanismRow {
  const row = registry.find(({ name }) => name === mechanism)
  if (row) return row
  if (Array.isArray(mechanism)) {
    throw authError(
      'OPTION_INVALID',
      `The option mechanism takes one mechanism. A list is written ${listExample}.`,
    )
  }
  if (typeof mechanism === 'object' && mechanism !== null) return rowOfOwn(mechanism as Mechanism<unknown>)
  const known = registry.map(({ name }) => name).join(', ')
  if (typeof mechanism !== 'string') {
    throw authError('OPTION_INVALID', `The option mechanism must be one of ${known}, or your own mechanism.`)
  }
  const { saslError } = require('../errors.js') as typeof import('../errors.js')
  throw saslError(
    'MECHANISM_UNKNOWN',
    `There is no mechanism ${JSON.stringify(mechanism.slice(0, 60))}; known are ${known}.`,
  )
}

function rowOfOwn(given: Mechanism<unknown>): MechanismRow {
  const mechanism = mechanismSnapshot(given)
  const { name } = mechanism
  return {
    name,
    credentials: {},
    options: optionBag(name, {}),
    provider: ofSomeMechanisms,
    create: () => mechanism,
  } as unknown as MechanismRow
}

function readCredentials(bag: Bag, names: readonly string[]): Credentials<object> {
  const fields = pick(bag, names)
  const { credentials } = bag
  if (credentials === undefined) return joined(fields)
  if (Object.keys(fields).length > 0) {
    throw authError('OPTIONS_CONTRADICT', `Give either credentials or ${Object.keys(fields).join(', ')}.`)
  }
  if (typeof credentials === 'function' || (typeof credentials === 'object' && credentials !== null)) {
    return credentials as Credentials<object>
  }
  throw authError(
    'OPTION_INVALID',
    'The option credentials must be an object, or a function that returns one.',
  )
}

/** If fields are functions, the whole is a source, which calls all of them at the same time for each connection. */
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

/** The named properties, each read once. */
function pick(bag: Bag, names: readonly string[]): Bag {
  const read = names.map((name) => [name, bag[name]] as const)
  return Object.fromEntries(read.filter(([, value]) => value !== undefined))
}
