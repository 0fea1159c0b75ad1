import { authError, type Read } from '@x/auth-core/base'
import { httpTransport, reach, sendsCertificate } from '@x/auth-core/http'
import { vaultError } from '../errors.js'
import { hostAndPort, portOf } from './options/host-option.js'
import { isNamespace, type vaultOptions } from './options/vault-option-spec.js'
import { VaultClient } from './vault-client.js'

/** Makes the client from the options. Errors: OPTION_INVALID, OPTIONS_CONTRADICT. */
export function clientOf(
  who: string,
  options: Read<ReturnType<typeof vaultOptions>>,
  random: () => number,
): VaultClient {
  const { namespace = fromEnvironment('VAULT_NAMESPACE'), tls, fetch, clock } = options
  if (tls && fetch) throw authError('OPTIONS_CONTRADICT', `${who} takes either tls or fetch.`)
  if (options.auth.byCertificate && !fetch && !(tls && sendsCertificate(tls))) {
    const problem = `${who} logs in by a client certificate, so it needs the option tls with one: mutual({ ca, cert, key, hostname }) of @x/tls-profiles, or { ca, cert, key }.`
    throw authError('OPTION_INVALID', problem)
  }
  if (namespace !== undefined && !isNamespace(namespace)) {
    throw authError(
      'OPTION_INVALID',
      'The environment variable VAULT_NAMESPACE is not the name of a namespace.',
    )
  }
  const address = addressOf(who, options.address ?? fromEnvironment('VAULT_ADDR'))
  const { allowCleartextHttp } = options
  const isPrivate = reach({ who, addresses: [address], allowCleartextHttp, tls: tls !== undefined })
  const hosts = [address.hostname, ...(options.redirectHosts ?? [])].map((host) => hostAndPort(host, address))
  const refusal = (to: URL) => {
    const named = hosts.filter(({ hostname }) => hostname === to.hostname)
    if (to.username !== '' || to.password !== '') return 'user'
    if (named.length === 0) return 'host'
    if (!isPrivate(to)) return 'encryption'
    return named.some(({ port }) => port === portOf(to)) ? undefined : 'port'
  }
  const tooLong = (problem: string) => vaultError('VAULT_ANSWER_INVALID', problem)
  const transport = httpTransport({ tls, fetch, tooLong })
  return new VaultClient({ address, namespace, transport, refusal, clock, random })
}

function addressOf(who: string, given: string | undefined): URL {
  if (given === undefined) {
    throw authError(
      'OPTION_INVALID',
      `${who} needs the option address, or the environment variable VAULT_ADDR.`,
    )
  }
  const address = URL.canParse(given) ? new URL(given) : undefined
  const plain =
    address &&
    address.username === '' &&
    address.password === '' &&
    address.search === '' &&
    address.hash === ''
  if (plain && /^https?:$/.test(address.protocol)) return address
  throw authError(
    'OPTION_INVALID',
    `The option address of ${who} must be an http or https address without user, query and fragment.`,
  )
}

function fromEnvironment(name: string): string | undefined {
  return process.env[name] || undefined
}
