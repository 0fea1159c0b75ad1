import type { PretendKerberosClient, PretendKerberosModule } from '@x/auth-testserver'
import { auth } from 'cassandra-driver'

type Callback<T> = (error: unknown, result?: T) => void

/** Options of the driver's DseGssapiAuthProvider, as it reads them. */
export interface StockOptions {
  readonly service?: string
  readonly authorizationId?: string
  readonly hostNameResolver?: (ip: string, callback: Callback<string>) => void
}

/** The address itself, instead of a question to DNS; the driver has the same under useIpResolver. */
export const asItIs: NonNullable<StockOptions['hostNameResolver']> = (ip, callback) => callback(null, ip)

/**
 * The driver's DseGssapiAuthProvider with this instead of npm `kerberos`, which it loads when it is constructed. It knows no
 * promises, so that it works `withCallbacks` only.
 */
export function stockGssapi(kerberos: object, options: StockOptions = {}): auth.AuthProvider {
  jest.doMock('kerberos', () => ({}), { virtual: true })
  const provider = new auth.DseGssapiAuthProvider({ hostNameResolver: asItIs, ...options })
  return Object.assign(provider, { _kerberos: kerberos })
}

/** npm `kerberos` as its versions 1 and 2 were. */
export function withCallbacks(kerberos: PretendKerberosModule): object {
  return {
    GSS_C_MUTUAL_FLAG: 2,
    initializeClient: (server: string, _options: object, callback: Callback<object>) =>
      settle(kerberos.initializeClient(server).then(clientWithCallbacks), callback),
  }
}

function clientWithCallbacks(client: PretendKerberosClient): object {
  return {
    step: (challenge: string, callback: Callback<string | null>) => settle(client.step(challenge), callback),
    unwrap: (challenge: string, callback: Callback<string>) => settle(client.unwrap(challenge), callback),
    wrap: (challenge: string, options: { user?: string } | null, callback: Callback<string>) =>
      settle(client.wrap(challenge, options ?? {}), callback),
  }
}

function settle<T>(work: Promise<T>, callback: Callback<T>): void {
  work.then(
    (result) => callback(null, result),
    (error) => callback(error),
  )
}
