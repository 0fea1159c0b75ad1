/** What a login knows of its connection, with a profile of @x/tls-profiles: the suite over mechanisms whose server proves itself. */
import { type Account, type ConnectionSubject, connectionSuite, type ServerLie } from '@x/auth-conformance'
import type { PasswordCredentials } from '@x/auth-core/base'
import {
  digestMd5Server,
  type MechanismFactory,
  plainServer,
  saslAuthenticator,
  scramServer,
} from '@x/auth-testserver'
import { verifyServer } from '@x/tls-profiles'
import { type SaslAuthOptions, SaslAuthProvider } from '../src/index.js'

type Users = Readonly<Record<string, string>>

const proofIn = 'success'
const scramLies = { 'wrong proof': 'signature-wrong', 'no proof': 'signature-missing' } as const
const digestLies = { 'wrong proof': 'rspauth-wrong', 'no proof': 'rspauth-missing' } as const

const scram =
  (mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-256-PLUS') =>
  (users: Users, lie?: ServerLie): MechanismFactory =>
    scramServer({ users, mechanism, proofIn, ...(lie && { lie: scramLies[lie] }) })

const digest = (users: Users, lie?: ServerLie): MechanismFactory =>
  digestMd5Server({ users, proofIn, ...(lie && { lie: digestLies[lie] }) })

const plus = { mechanism: 'SCRAM-SHA-256-PLUS' } as const
const proving = { mutual: true, bound: false }

suite({ mechanism: 'SCRAM-SHA-256' }, scram('SCRAM-SHA-256'), proving)
suite({ ...plus, channelBindingType: 'tls-server-end-point' }, scram(plus.mechanism), {
  mutual: true,
  bound: true,
})
// The clauses about the proof want TLS 1.2 too, which has no exporter.
suite({ ...plus, channelBindingType: 'tls-exporter' }, scram(plus.mechanism), { mutual: false, bound: true })
suite({ mechanism: 'DIGEST-MD5' }, digest, proving)
suite({ mechanism: 'PLAIN' }, (users) => plainServer({ users }), { mutual: false, bound: false })

function suite(
  options: object & { readonly mechanism: string; readonly channelBindingType?: string },
  server: (users: Users, lie?: ServerLie) => MechanismFactory,
  traits: ConnectionSubject['traits'],
): void {
  const subject: ConnectionSubject<PasswordCredentials> = {
    kind: 'connection',
    name: ['SaslAuthProvider with', options.mechanism, options.channelBindingType].filter(Boolean).join(' '),
    traits,
    account(label) {
      const [username, password] = [`user-${label}`, `pass+word/${label}?`]
      return { username, credentials: { username, password }, secrets: [password] }
    },
    server: (accounts, lie) => saslAuthenticator(server(usersOf(accounts), lie)),
    create: (scenario) => new SaslAuthProvider({ ...options, ...scenario } as SaslAuthOptions),
    sslOptions: (ca) => verifyServer({ ca }),
  }
  connectionSuite(subject, { describe, test })
}

function usersOf(accounts: readonly Account[]): Users {
  return Object.fromEntries(accounts.map(({ username, secrets }) => [username, secrets[0] ?? '']))
}
