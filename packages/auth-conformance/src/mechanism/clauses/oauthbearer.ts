import { isAuthError } from '@x/auth-core'
import type { ClientStep } from '@x/auth-core/base'
import { oauthBearerServer, saslAuthenticator } from '@x/auth-testserver'
import { ClauseFailure, check } from '../../clause.js'
import { checkSecret } from '../../lib/secrets.js'
import { describeValue } from '../../lib/time/waiting.js'
import type { MechanismBench } from '../bench.js'
import type { MechanismClause } from '../clause.js'
import { checkLoggedIn, checkTold } from '../refusals.js'

const refusal = {
  status: 'insufficient_scope',
  scope: 'cql:write',
  'openid-configuration': 'https://id.example/',
}

function tokenOf({ account }: MechanismBench): string | undefined {
  const { token } = (account.credentials ?? {}) as Record<string, unknown>
  return typeof token === 'string' ? token : undefined
}

function notOAuthBearer(bench: MechanismBench): string | undefined {
  if (bench.mechanism.name !== 'OAUTHBEARER') return 'it is not OAUTHBEARER'
  return tokenOf(bench) === undefined ? 'its credentials have no token' : undefined
}

/** OAUTHBEARER: the first message, and the refusal. */
export const oauthBearerClauses: readonly MechanismClause[] = [
  {
    id: 'MECH-60',
    level: 'must',
    source: 'RFC 7628 §3.1, RFC 5801 §4',
    title: 'writes every = and , of an authorization id as =3D and =2C, the second ones too',
    notFor: notOAuthBearer,
    async run(bench) {
      const authorizationId = 'role,a,b=c,d=e=2C,=3D'
      const server = oauthBearerServer({
        tokens: { [tokenOf(bench) ?? '']: bench.account.username },
        mayActAs: () => true,
      })
      const credentials = { ...(bench.account.credentials as object), authorizationId }
      const report = await bench.login({
        credentials,
        exchange: bench.exchangeWith(saslAuthenticator(server)),
      })
      checkLoggedIn(report, authorizationId, 'an authorization id with = and ,')
    },
  },
  {
    id: 'MECH-61',
    level: 'must',
    source: 'RFC 7628 §3.2.3',
    title: "answers the server's refusal with the byte 01, and nothing else",
    notFor: notOAuthBearer,
    async run(bench) {
      const { step } = await refused(bench, JSON.stringify(refusal))
      const bytes = Buffer.from(step?.token ?? [])
      check(
        bytes.equals(Buffer.of(1)),
        `the answer is ${step ? bytes.toString('hex') || 'empty' : 'missing'}`,
      )
    },
  },
  {
    id: 'MECH-62',
    level: 'must',
    source: 'RFC 7628 §3.2.2',
    title: 'reports the status of a refusal',
    notFor: notOAuthBearer,
    async run(bench) {
      const { error } = await refused(bench, JSON.stringify(refusal))
      check(isAuthError(error), `the refusal ended in ${describeValue(error)}`)
      checkTold(error, refusal.status, 'a refusal')
    },
  },
  {
    id: 'MECH-63',
    level: 'must',
    source: 'CWE-209: the refusal is text from the server',
    title: 'does not repeat its token in the error when the server sends it back',
    notFor: notOAuthBearer,
    async run(bench) {
      const token = tokenOf(bench) ?? ''
      for (const said of [{ status: token }, { status: 'invalid_token', scope: `for ${token}` }]) {
        const { error } = await refused(bench, JSON.stringify(said))
        checkSecret(error, bench.account.secrets, 'the error of a refusal')
      }
    },
  },
  {
    id: 'MECH-64',
    level: 'must',
    source: 'RFC 7628 §3.2.3: the server ends with a failure',
    title: 'does not succeed after a refusal, whatever the server says next',
    notFor: notOAuthBearer,
    async run(bench) {
      const { step } = await refused(bench, JSON.stringify(refusal))
      check(step?.onSuccess === undefined, 'a success after the refusal would be accepted')
    },
  },
  {
    id: 'MECH-65',
    level: 'must',
    source: 'CWE-209: the server has the token and can write it in any form',
    title: 'repeats no field in which the server may have written the token in another form',
    notFor: notOAuthBearer,
    async run(bench) {
      for (const form of formsOfItsOwn(tokenOf(bench) ?? '')) {
        for (const field of Object.keys(refusal)) {
          const said = field === 'openid-configuration' ? `https://${form}.example/` : form
          const { error } = await refused(bench, JSON.stringify({ ...refusal, [field]: said }))
          checkSecret(error, [form], `the ${field} of a refusal`)
        }
      }
    },
  },
]

/** Forms that are not a usual encoding. */
function formsOfItsOwn(token: string): readonly string[] {
  const characters = [...token]
  const bytes = Buffer.from(token)
  return [
    characters.join(' '),
    characters.join('-'),
    [...characters].reverse().join(''),
    Buffer.from(bytes.toString('base64')).toString('base64'),
    bytes.toString('hex').replace(/..(?!$)/g, '$&:'),
    [...bytes].map((byte) => `&#${byte};`).join(''),
  ]
}

/** Returns the client's answer to a refusal, and its error. */
async function refused(
  bench: MechanismBench,
  words: string,
): Promise<{ step: ClientStep | undefined; error: unknown }> {
  const server = oauthBearerServer({ tokens: {}, refusal: words })
  const exchange = bench.exchangeWith(saslAuthenticator(server))
  const conversation = bench.converse()
  let step: ClientStep | undefined
  try {
    const { value: first } = await bench.next(conversation, null)
    const reply = await exchange.respond(first?.token ?? null)
    check('challenge' in reply, 'a server would not accept the first message')
    const { value } = await bench.next(conversation, reply.challenge)
    step = value ?? undefined
    // The mechanism returns its error with the message, or throws it at the next message of the server.
    if (step && !step.failure) await bench.next(conversation, null)
    return { step, error: step?.failure }
  } catch (error) {
    if (error instanceof ClauseFailure) throw error
    return { step, error }
  }
}
