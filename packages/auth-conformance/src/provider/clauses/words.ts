import { randomBytes } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { check } from '../../clause.js'
import { checkSecret, printed, shownIn } from '../../lib/secrets.js'
import type { ProviderBench } from '../bench.js'
import { needsSource, type ProviderClause } from '../clause.js'
import type { Call, Dialogue } from '../dialogue.js'
import { channelsOf } from './channels.js'

/** Texts of others: those of a server, and errors of a source. They may contain the secret, and may steer a terminal. */
export const wordClauses: readonly ProviderClause[] = [
  {
    id: 'PROV-53',
    level: 'must',
    source: 'CWE-117, CWE-150: log injection, escape sequences',
    title:
      'puts no control character and nothing endless from the server into an error or a diagnostics message',
    async run(bench) {
      const messages: unknown[] = []
      listen(bench, (message) => messages.push(message))
      for (const words of [rawWords, 'x'.repeat(50_000)]) {
        const asked = bench.dialogue(bench.create(), undefined, words)
        const first = await asked.start()
        checkFit(first.error ? first : await challenged(asked, words))
        checkFit(await challenged(await bench.upToVerdict(bench.create()), words))
      }
      for (const message of messages) checkWords(message, 'a diagnostics message')
    },
  },
  {
    id: 'PROV-75',
    level: 'must',
    source: 'this suite; CWE-532',
    title: 'shows no secret to an inspection that calls getters, once its first message has been handed over',
    async run(bench) {
      const authenticator = bench.create().newAuthenticator('127.0.0.1:9042', bench.authenticatorName)
      await new Promise((resolve) => authenticator.initialResponse(resolve))
      const shown = (getters: boolean) =>
        shownIn(inspect(authenticator, { showHidden: true, getters, depth: 12 }), bench.account.secrets)
      // PROV-71 checks what is shown without getters.
      check(shown(true) === undefined || shown(false) !== undefined, 'a getter shows a secret')
    },
  },
  {
    id: 'PROV-76',
    level: 'must',
    source: 'this suite; CWE-209',
    title:
      'repeats nothing of what a source throws: its text, its fields and its causes may quote the secret',
    notFor: needsSource,
    async run(bench) {
      for (const secret of bench.account.secrets) {
        for (const thrown of errorsWith(secret)) {
          const provider = bench.create({ credentials: () => Promise.reject(thrown) })
          // Another clause checks that it reports an error at all.
          const call = await bench.upToLast(bench.dialogue(provider), 1_000).catch(() => undefined)
          checkSecret(call?.error, bench.account.secrets, 'the error of a login')
        }
      }
    },
  },
  {
    id: 'PROV-84',
    level: 'must',
    source: 'Node.js: it prints an error that ends the process with inspect(error, { customInspect: false })',
    title: 'repeats nothing of what a source throws when Node prints the error that ends the process',
    notFor: needsSource,
    async run(bench) {
      for (const secret of bench.account.secrets) {
        const thrown = Object.assign(new Error(secret), { response: secret })
        const provider = bench.create({ credentials: () => Promise.reject(thrown) })
        const call = await bench.upToLast(bench.dialogue(provider), 1_000).catch(() => undefined)
        const printed = inspect(new Error('uncaught', { cause: call?.error }), {
          customInspect: false,
          depth: 5,
        })
        const shown = shownIn(printed, bench.account.secrets)
        // PROV-76 checks what a normal inspection shows.
        const anyhow = shownIn(inspect(call?.error, { depth: 5 }), bench.account.secrets)
        check(shown === undefined || anyhow !== undefined, `a secret is printed ${shown}`)
      }
    },
  },
  {
    id: 'PROV-59',
    level: 'must',
    source: 'this suite; CWE-209',
    title: 'prints name and code of what a source throws only if they are well-known words',
    notFor: needsSource,
    async run(bench) {
      // A word like the name of a class or a code: a password may look like that.
      const word = `Canary${randomBytes(6).toString('hex')}`
      for (const thrown of [{ name: word }, { code: word }, { code: word.toUpperCase() }]) {
        const error = Object.assign(new Error('failed'), thrown)
        const provider = bench.create({ credentials: () => Promise.reject(error) })
        const call = await bench.upToLast(bench.dialogue(provider), 1_000).catch(() => undefined)
        checkSecret(call?.error, [word, word.toUpperCase()], 'the error of a login')
      }
    },
  },
  {
    id: 'PROV-77',
    level: 'must',
    source: 'this suite; CWE-209',
    title: 'repeats no secret that the server sends back: not the text itself, not encoded, not cut off',
    async run(bench) {
      for (const secret of bench.account.secrets) {
        for (const echo of echoesOf(secret)) {
          // The text itself, and a refusal in the form of RFC 7628 §3.2.2.
          for (const words of [echo, JSON.stringify({ status: echo, scope: echo })])
            checkEcho(await challenged(await bench.upToVerdict(bench.create()), words), echo)
        }
      }
    },
  },
]

/** ESC with a colour, line ends, a bidirectional override, NUL. */
const rawWords = 'org.example.\u001b[31mA\r\nB\u202e\u0000'

function listen(bench: ProviderBench, listener: (message: unknown) => void): void {
  for (const channel of channelsOf(bench)) {
    subscribe(channel, listener)
    bench.defer(() => unsubscribe(channel, listener))
  }
}

function challenged(dialogue: Dialogue, words: string): Promise<Call> {
  return dialogue.challenge(Buffer.from(words, 'utf8'))
}

function checkFit({ error }: Call): void {
  checkWords(error, 'an error')
}

/** Checks message and fields, as a log would print them. A stack has its own line ends. */
function checkWords(value: unknown, where: string): void {
  if (typeof value !== 'object' || value === null) return
  const { message } = value as { message?: unknown }
  for (const text of [message, ...Object.values(value)]) {
    if (typeof text !== 'string') continue
    check(!/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(text), `${where} has a control character`)
    check(text.length < 10_000, `${where} has a text of ${text.length} characters`)
  }
}

function errorsWith(secret: string): readonly Error[] {
  return [
    new Error(`cannot parse ${JSON.stringify(secret)}`),
    new AggregateError([new Error(secret)], `all failed: ${secret}`),
    new Error('parsing failed', { cause: new SyntaxError(`Unexpected token in ${secret}`) }),
    Object.assign(new Error('failed'), { input: secret, config: { auth: { password: secret } } }),
  ]
}

function echoesOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8')
  const hex = bytes.toString('hex')
  const cut = secret.slice(0, Math.ceil((secret.length * 2) / 3))
  return [
    secret,
    secret.toUpperCase(),
    cut,
    bytes.toString('base64'),
    bytes.toString('base64url'),
    hex,
    hex.toUpperCase(),
    hex.replace(/../g, '%$&'),
  ]
}

function checkEcho({ error }: Call, echo: string): void {
  const shown = error !== undefined && error !== null && printed(error).includes(echo)
  check(!shown, 'the error of a login repeats what the server sent back')
}
