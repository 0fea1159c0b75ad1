/** `refused` is the server's own word, in whatever message the mechanism has for it; what is wrong with a message is a `failure`. */
import type { ExchangeEvent } from '@x/auth-core'
import { pretendKerberos } from '@x/auth-testserver'
import { exchangeEnd, publishedBy } from '../../auth-core/test/support/events.js'
import { SaslAuthProvider } from '../src/index.js'

type Token = Buffer | string
/** What the server sends next, by what the client has sent. */
type Says = Token | ((sent: string) => string)

const login = { username: 'alice', password: 'secret' }
const scram = { mechanism: 'SCRAM-SHA-256', ...login }
const bearer = { mechanism: 'OAUTHBEARER', token: 'abc' }
const { kerberos } = pretendKerberos()
const gssapi = { mechanism: 'GSSAPI', kerberos }
const serverFirst = (sent: string) => `r=${/r=(.*)$/.exec(sent)?.[1]}more,s=QSXCR+Q6sek8bf92,i=4096`

/** RFC 4121 §4.1: a context token with KRB_ERROR in it. */
function kerberosError(text: string): Buffer {
  const inner = Buffer.concat([Buffer.from('06092a864886f7120102020300', 'hex'), Buffer.from(text)])
  return Buffer.concat([Buffer.of(0x60, inner.length), inner])
}

test.each<[string, object, readonly Says[], string, string]>([
  ['OAUTHBEARER: its JSON', bearer, ['{"status":"invalid_token"}'], 'refused', 'OAUTHBEARER_REFUSED'],
  ['OAUTHBEARER: no JSON', bearer, ['no'], 'failure', 'CHALLENGE_INVALID'],
  ['SCRAM: e= instead of the first message', scram, ['e=unknown-user'], 'refused', 'LOGIN_REFUSED'],
  ['SCRAM: e= as the last message', scram, [serverFirst, 'e=invalid-proof'], 'refused', 'LOGIN_REFUSED'],
  [
    'SCRAM: e= of a server in trouble',
    scram,
    [serverFirst, 'e=no-resources'],
    'failure',
    'SCRAM_SERVER_ERROR',
  ],
  ['SCRAM: no message of SCRAM', scram, ['no'], 'failure', 'CHALLENGE_INVALID'],
  [
    'GSSAPI: an error about the ticket',
    gssapi,
    [kerberosError('Decrypt integrity check failed')],
    'refused',
    'KERBEROS_TICKET_REFUSED',
  ],
  [
    'GSSAPI: an expired ticket',
    gssapi,
    [kerberosError('Ticket expired')],
    'refused',
    'KERBEROS_TICKET_EXPIRED',
  ],
  ['GSSAPI: no token', gssapi, ['no'], 'failure', 'CHALLENGE_INVALID'],
  // These have no message for a refusal.
  ['DIGEST-MD5', { mechanism: 'DIGEST-MD5', ...login }, ['no'], 'failure', 'CHALLENGE_INVALID'],
  ['CRAM-MD5', { mechanism: 'CRAM-MD5', ...login }, ['<1@host>', 'no'], 'failure', 'UNEXPECTED_CHALLENGE'],
])('%s', async (_, options, says, outcome, code) => {
  const ends = await publishedBy<ExchangeEvent>(exchangeEnd, () => play(options, says))
  expect(ends.map(({ copy }) => [copy.outcome, copy.error?.code])).toEqual([[outcome, code]])
})

/** Logs in, up to the error. */
async function play(options: object, says: readonly Says[]): Promise<void> {
  const provider = new SaslAuthProvider(options as never)
  const exchange = provider.newAuthenticator('10.0.0.1:9042', 'org.example.SaslAuthenticator')
  await new Promise<void>((resolve) => {
    const left = [...says]
    const callback = (error: unknown, token?: Buffer) => {
      if (error) return resolve()
      const next = left.shift()
      const said = typeof next === 'function' ? next(String(token)) : next
      // Without a word of the server, the error of giveUp is on its way.
      if (said !== undefined) exchange.evaluateChallenge(Buffer.from(said), callback as never)
    }
    exchange.initialResponse(callback as never)
  })
}
