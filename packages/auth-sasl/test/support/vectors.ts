import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mechanism } from '@x/auth-core/base'
import { registry } from '../../src/index.js'
import { kerberosTape } from './kerberos-tape.js'
import type { Vector } from './vector.js'

export type { Vector } from './vector.js'

/** A message in a vector: text as UTF-8, or bytes in base64. */
type Message = string | { readonly base64: string }

const folder = join(__dirname, '../../../../vectors')
const required = ['name', 'source', 'mechanism', 'credentials', 'exchange', 'proof']
/** `server` is for the side of the server, which has a reader of its own. */
const optional = ['options', 'nonce', 'server', 'kerberos', 'binding']

/** The mechanism of a vector, made with the options that it was recorded with. */
export function mechanismOf(vector: Vector, more: object = {}): Mechanism<unknown> {
  const row = registry.find(({ name }) => name === vector.mechanism)
  if (!row) throw new Error(`no mechanism ${vector.mechanism}`)
  const library = vector.kerberos && { kerberos: kerberosTape(vector) }
  return row.create({ ...vector.options, ...library, ...more })
}

/** The channel binding data of the connection that a vector was recorded on. */
export function bindingOf({ binding }: Vector): Buffer | undefined {
  return binding && Buffer.from(binding.base64, 'base64')
}

export function readJson(name: string): unknown {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
}

/** The names of the files that hold exchanges. */
export function vectorFiles(): string[] {
  const names = readdirSync(folder).map((file) => file.replace(/\.json$/, ''))
  return names.filter((name) => (readJson(name) as { cases?: { exchange?: unknown }[] }).cases?.[0]?.exchange)
}

/** Strict: a key that is missing, or that nobody reads, is an error of the file. */
export function readVectors(name: string): Vector[] {
  const file = readJson(name) as { description: unknown; cases: Record<string, unknown>[] }
  checkKeys(file, ['description', 'cases'], [])
  return file.cases.map((entry) => {
    checkKeys(entry, required, optional)
    const { options = {}, nonce, exchange, ...rest } = entry
    return { ...rest, options, nonce, exchange: (exchange as object[]).map(readMessage) } as unknown as Vector
  })
}

function readMessage(entry: object): Vector['exchange'][number] {
  const [[from, message] = [], ...more] = Object.entries(entry) as [string, Message][]
  if (more.length > 0 || (from !== 'client' && from !== 'server') || message === undefined) {
    throw new Error(`not a message of an exchange: ${JSON.stringify(entry)}`)
  }
  if (typeof message === 'string') return { from, bytes: Buffer.from(message, 'utf8') }
  checkKeys(message, ['base64'], [])
  return { from, bytes: Buffer.from(message.base64, 'base64') }
}

function checkKeys(value: object, needed: readonly string[], allowed: readonly string[]): void {
  const keys = Object.keys(value)
  const missing = needed.filter((key) => !keys.includes(key))
  const unknown = keys.filter((key) => ![...needed, ...allowed].includes(key))
  if (missing.length + unknown.length > 0) {
    throw new Error(`missing: ${missing.join() || 'none'}, unknown: ${unknown.join() || 'none'}`)
  }
}
