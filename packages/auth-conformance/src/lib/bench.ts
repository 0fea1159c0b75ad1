import { createHash, randomBytes } from 'node:crypto'
import { parseEndpoint } from '@x/auth-core'
import type { ServerAuthenticator, ServerExchange } from '@x/auth-testserver'
import type { Account } from '../subject.js'
import { within } from './time/waiting.js'

/** The channel binding data of the connection in the suite's logins. */
export const boundTo = createHash('sha256').update('the connection of the suite').digest()

/** The tools of a clause. It makes objects, and closes them in the reverse order. */
export abstract class Bench {
  readonly #cleanups: (() => unknown)[] = []

  /** Calls `cleanup` when the clause has ended, with any outcome. */
  defer(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup)
  }

  /** Closes everything. A failure or a hang here is not a fault of the subject. */
  async close(): Promise<void> {
    for (const cleanup of this.#cleanups.reverse()) {
      await within(2_000, 'clean-up', async () => cleanup()).catch(() => undefined)
    }
  }
}

/** A bench for subjects that log in. The subject has accounts and a server side. */
export abstract class LoginBench<S extends LoginSubject> extends Bench {
  readonly subject: S
  /** An account that the server side knows. */
  readonly account: Account

  constructor(subject: S) {
    super()
    this.subject = subject
    this.account = this.newAccount()
  }

  newAccount(): Account {
    return this.subject.account(`canary${randomBytes(9).toString('hex')}`)
  }

  /** The server's side of one login, without a network. The server may also be one of the suite, such as one that lies. */
  exchangeWith(server: ServerAuthenticator, endpoint = '127.0.0.1:9042'): ServerExchange {
    return server.newExchange({
      id: 1,
      ...parseEndpoint(endpoint),
      remoteAddress: '127.0.0.1',
      remotePort: 50_000,
      protocolVersion: 4,
      startupOptions: {},
      tls: { authorized: false, protocol: 'TLSv1.3', exportKeyingMaterial: () => boundTo },
    })
  }
}

interface LoginSubject {
  account(label: string): Account
}
