import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { check } from '../../clause.js'
import { checkReachable, checkRead, checkSecret, shownIn } from '../../lib/secrets.js'
import { turns } from '../../lib/time/waiting.js'
import { watchOutput } from '../../lib/watch-output.js'
import type { ProviderBench } from '../bench.js'
import { type ProviderClause, takesSource } from '../clause.js'
import { Dialogue } from '../dialogue.js'
import { channelsOf } from './channels.js'

/** The suite plants canary secrets, and searches everything that can be printed for them in every form. */
export const secretClauses: readonly ProviderClause[] = [
  {
    id: 'PROV-70',
    level: 'must',
    source: 'this suite; CWE-209',
    title: 'shows no secret in an error, its stack, its causes or their JSON',
    async run(bench) {
      for (const error of await failures(bench)) checkSecret(error, bench.account.secrets, 'an error')
    },
  },
  {
    id: 'PROV-71',
    level: 'must',
    source: 'this suite; CWE-532',
    title: 'shows no secret when provider, authenticator or client are inspected or turned into JSON',
    async run(bench) {
      const { secrets } = bench.account
      const provider = bench.create()
      const authenticator = provider.newAuthenticator('127.0.0.1:9042', bench.authenticatorName)
      checkSecret(provider, secrets, 'the provider')
      await new Promise((resolve) => authenticator.initialResponse(resolve))
      checkSecret(authenticator, secrets, 'the authenticator')
      const server = await bench.serve()
      const { client } = await bench.connect(server, provider)
      checkReachable(client, secrets, 'the client')
    },
  },
  {
    id: 'PROV-78',
    level: 'must',
    source: 'this suite; CWE-532: the driver keeps the authenticator as long as the connection',
    title:
      'shows no secret to anyone who reads its properties, those of its classes too, when the login is over',
    async run(bench) {
      const { secrets } = bench.account
      const provider = bench.create()
      const authenticator = provider.newAuthenticator('127.0.0.1:9042', bench.authenticatorName)
      await new Dialogue(authenticator).login(bench.exchange())
      checkRead(authenticator, secrets, 'the authenticator')
      checkRead(provider, secrets, 'the provider')
    },
  },
  {
    id: 'PROV-72',
    level: 'must',
    source: 'this suite; CWE-532',
    title: "writes no secret to the console, as a warning or to the driver's log",
    async run(bench) {
      const written: string[] = []
      bench.defer(watchOutput((text) => written.push(text)))
      const server = await bench.serve()
      const { log } = await bench.connect(server, bench.create())
      await failures(bench)
      await turns()
      checkSecret(log, bench.account.secrets, "the driver's log")
      const shown = shownIn(written.join('\n'), bench.account.secrets)
      check(shown === undefined, `a secret was written ${shown} to the output`)
    },
  },
  {
    id: 'PROV-73',
    level: 'must',
    source: 'this suite; CWE-532',
    title: 'publishes no secret on its diagnostics channels',
    notFor: (bench) => (channelsOf(bench).length > 0 ? undefined : 'it has no diagnostics channels'),
    async run(bench) {
      const listen = (message: unknown) => messages.push(message)
      const messages: unknown[] = []
      for (const channel of channelsOf(bench)) {
        subscribe(channel, listen)
        bench.defer(() => unsubscribe(channel, listen))
      }
      await bench.dialogue(bench.create()).login(bench.exchange())
      await failures(bench)
      for (const message of messages) checkSecret(message, bench.account.secrets, 'a diagnostics message')
    },
  },
  {
    id: 'PROV-74',
    level: 'must',
    source: 'RFC 4422 §6.3',
    title: 'sends no secret over the wire, in any form',
    notFor: ({ subject, record }) =>
      (record?.cleartext ?? subject.traits.cleartext)
        ? 'its mechanism sends the secret, and says so'
        : undefined,
    async run(bench) {
      const { tokens } = await bench.dialogue(bench.create()).login(bench.exchange())
      for (const token of tokens) {
        const shown = shownIn(Buffer.from(token).toString('latin1'), bench.account.secrets)
        check(shown === undefined, `a message carries a secret ${shown}`)
      }
    },
  },
]

/** Errors of every kind that is possible without a network. */
async function failures(bench: ProviderBench): Promise<unknown[]> {
  const { credentials } = bench.account
  const errors: unknown[] = []
  const collect = async (make: () => Promise<unknown>) =>
    errors.push(await make().catch((thrown: unknown) => thrown))

  await collect(
    async () => (await (await bench.upToVerdict(bench.create())).challenge(Buffer.from('more'))).error,
  )
  for (const wrong of wrongShapes(credentials)) {
    await collect(async () => (await bench.dialogue(bench.create({ credentials: wrong })).start(1_000)).error)
    if (!takesSource(bench.subject)) continue
    await collect(
      async () =>
        (await bench.upToLast(bench.dialogue(bench.create({ credentials: () => wrong })), 1_000)).error,
    )
  }
  return errors
}

/** The credentials with one wrong field each. The rest of the secret is still there and could be shown. */
function wrongShapes(credentials: unknown): unknown[] {
  if (typeof credentials !== 'object' || credentials === null) return []
  return Object.keys(credentials).map((field) => ({ ...credentials, [field]: 42 }))
}
