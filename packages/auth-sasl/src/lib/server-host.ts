import { authError, type CredentialContext } from '@x/auth-core/base'

/**
 * The name of the server as the mechanism tells it: one for all nodes, or a function of the node.
 */
export type ServerHost = string | ((node: { readonly address: string; readonly port: number }) => string)

/** A host name or an address: nothing that could end or split the field that it is written into. */
const hostName = /^[A-Za-z0-9._:%[\]-]{1,255}$/

/** Throws OPTION_INVALID for an option that can not be right. */
export function checkHost(host: ServerHost | undefined): void {
  if (host !== undefined && typeof host !== 'function') checkName(host)
}

/** The host for this connection. Throws OPTION_INVALID where the option's function answers something else. */
export function hostFor(host: ServerHost, { address, port }: CredentialContext): string {
  return checkName(typeof host === 'function' ? host({ address, port }) : host)
}

function checkName(name: unknown): string {
  if (typeof name === 'string' && hostName.test(name)) return name
  throw authError(
    'OPTION_INVALID',
    'The option host is a host name or an address, or a function that returns one.',
  )
}
