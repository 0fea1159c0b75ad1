import type { CredentialContext } from '@x/auth-core'
import { abortable, authError, isAuthError, type Option } from '@x/auth-core/base'
import { saslError } from '../errors.js'

/** A node, as the driver connects to it. */
interface Node {
  readonly address: string
  readonly port: number
}

/**
 * The name of the server as the mechanism sends it: one for all nodes; a map from addresses to names; a function of the
 * node, synchronous or asynchronous; or `'reverse-dns'`, the name that the system's resolver has for the address,
 * provided that this name leads back to the address.
 */
export type ServerHost =
  | string
  | { readonly [address: string]: string }
  | ((node: Node) => string | Promise<string>)

const must =
  "a host name or an address, a map from addresses to names, a function that returns a name, or 'reverse-dns'"

/** The option host: a map is copied, so that the names that were checked are the names that are used. */
export const hostOption: Option<ServerHost, undefined> = { must, take: takeHost, initial: undefined }

function takeHost(value: unknown): ServerHost | undefined {
  if (typeof value === 'function') return value as ServerHost
  if (!isMap(value)) return isName(value) ? value : undefined
  const names = Object.entries(value)
  return names.length > 0 && names.every(([, name]) => isName(name)) ? Object.fromEntries(names) : undefined
}

/** The host for this connection. Throws OPTION_INVALID for a value that is not a name, and HOST_UNKNOWN if there is none. */
export async function hostFor(host: ServerHost, context: CredentialContext): Promise<string> {
  const { address, port } = context
  if (typeof host === 'function') {
    const name = asked(host, { address, port })
    // The signal is made at the first read; a name that is known at once does not need it.
    return checkName(typeof name === 'string' ? name : await abortable(name, context.signal))
  }
  if (isMap(host)) return nameInMap(host, address)
  if (host !== 'reverse-dns') return host
  const { confirmedName } = require('./reverse-dns.js') as typeof import('./reverse-dns.js')
  return checkName(await abortable(confirmedName(address), context.signal))
}

function asked(
  host: Extract<ServerHost, (...given: never) => unknown>,
  node: Node,
): string | Promise<string> {
  const failed = (cause: unknown): never => {
    if (isAuthError(cause)) throw cause
    const problem = `The function of the option host failed for ${node.address}.`
    throw saslError('HOST_UNKNOWN', problem, { details: { address: node.address }, cause })
  }
  try {
    const name = host(node)
    return typeof name === 'string' ? name : Promise.resolve(name).catch(failed)
  } catch (cause) {
    return failed(cause)
  }
}

function nameInMap(map: Readonly<Record<string, string>>, address: string): string {
  const wanted = canonical(address)
  const entry = Object.entries(map).find(([key]) => canonical(key) === wanted)
  if (entry) return entry[1]
  throw saslError('HOST_UNKNOWN', `The option host has no name for ${address}.`, { details: { address } })
}

/** An address of IPv6 can be written in several ways, and a URL writes it in one. */
function canonical(address: string): string {
  const url = `http://[${address}]`
  return URL.canParse(url) ? new URL(url).hostname : address
}

function isMap(host: unknown): host is Readonly<Record<string, string>> {
  return typeof host === 'object' && host !== null && !Array.isArray(host)
}

/** A host name or an address: nothing that could end or split the field that it is written into. */
function isName(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Za-z0-9._:%[\]-]{1,255}$/.test(name)
}

function checkName(name: unknown): string {
  if (isName(name)) return name
  throw authError('OPTION_INVALID', `The option host must be ${must}.`)
}
