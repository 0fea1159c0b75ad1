import {
  authError,
  type ChannelBindingType,
  type ExchangeContext,
  finish,
  initially,
  type MutualMechanism,
  type OptionBag,
  oneOf,
  optionBag,
  type PasswordCredentials,
  readOptions,
  refuseMore,
  type Spec,
  send,
  whole,
  withoutData,
} from '@x/auth-core/base'
import { empty, utf8 } from '../lib/bytes.js'
import { printableNonce } from '../lib/nonce.js'
import { bindingOf, type ChannelBindingPolicy } from '../lib/scram/channel-binding.js'
import type { HashFunction } from '../lib/scram/hmac-key.js'
import { KeyCache } from '../lib/scram/key-cache.js'
import { ScramCredentialParser, type ScramCredentials } from '../lib/scram/scram-credentials.js'
import { ScramKeys } from '../lib/scram/scram-keys.js'
import { parseServerFinal, parseServerFirst, type ServerFirstMessage } from '../lib/scram/scram-messages.js'
import { type MechanismRow, passwordFields, type ServerVerificationOptions } from '../mechanism-row.js'

/** Options of the SCRAM mechanisms. */
export interface ScramOptions {
  /** The least iteration count accepted; a smaller one makes a stolen exchange cheap to search. Default 4 096. */
  readonly minIterations?: number | undefined
  /**
   * The greatest iteration count accepted, since the server decides how long we compute. Default: about 250 ms of a
   * core, which is 700 000 with SHA-1, 600 000 with SHA-256 and 250 000 with SHA-512.
   */
  readonly maxIterations?: number | undefined
  /**
   * `require`: the same as the name with -PLUS. `prefer`: if the connection could be bound, the client says so. A
   * server that has -PLUS then refuses: somebody in between removed it, or the name with -PLUS must be used. `off`
   * (default): the client does not say so.
   */
  readonly channelBinding?: ChannelBindingPolicy | undefined
  /** What the login is bound to. Default `tls-server-end-point`, the server's certificate; `tls-exporter` needs TLS 1.3. */
  readonly channelBindingType?: ChannelBindingType | undefined
}

/** Options of the names with -PLUS. */
export type ScramPlusOptions = Omit<ScramOptions, 'channelBinding'>

/** One row for each hash function. */
const variants = {
  'SCRAM-SHA-1': {
    hash: 'sha1',
    length: 20,
    block: 64,
    iterationsPerMs: 2_800,
    spec: 'RFC 5802',
    weakness: 'With SHA-1, guessing the password from a recorded login is cheaper than with SCRAM-SHA-256.',
  },
  'SCRAM-SHA-256': {
    hash: 'sha256',
    length: 32,
    block: 64,
    iterationsPerMs: 2_400,
    spec: 'RFC 7677',
    weakness: undefined,
  },
  'SCRAM-SHA-512': {
    hash: 'sha512',
    length: 64,
    block: 128,
    iterationsPerMs: 1_000,
    spec: 'draft-melnikov-scram-sha-512',
    weakness: undefined,
  },
} as const satisfies Record<string, VariantRow>

interface VariantRow extends HashFunction {
  /** PBKDF2 of OpenSSL on one core of a server without instructions for SHA, about. */
  readonly iterationsPerMs: number
  readonly spec: string
  readonly weakness: string | undefined
}

type Variant = keyof typeof variants

export type ScramName = Variant | `${Variant}-PLUS`

/** How long a server may make us compute, in milliseconds of a core. A hash that is slower gets fewer iterations. */
const maxDerivationMs = 250

/** PBKDF2 of OpenSSL counts in 32 bits. */
const iterations = whole({ min: 1, max: 2 ** 31 - 1 })

/** For the names with -PLUS, which require a binding by their name. */
const plusBag = optionBag('scram', {
  minIterations: initially(
    4_096,
    iterations,
    'RFC 5802 §5.1: with fewer, a search for the password of a recorded login is cheap.',
  ),
  maxIterations: {
    ...iterations,
    shown: `${maxDerivationMs} ms of a core: ${Object.entries(variants)
      .map(([name, { iterationsPerMs }]) => `${maxDerivationMs * iterationsPerMs} with ${name}`)
      .join(', ')}`,
    why: 'The server decides how long the client computes. With more iterations, the login fails at once instead of being slow.',
  },
  channelBindingType: initially(
    'tls-server-end-point',
    oneOf('tls-server-end-point', 'tls-exporter'),
    'Deployed servers support it, with every version of TLS.',
  ),
} satisfies Spec<ScramPlusOptions>)

const bag = optionBag('scram', {
  ...plusBag.options,
  channelBinding: initially(
    'off',
    oneOf('prefer', 'require', 'off'),
    "Kafka's SCRAM server rejects a client that offers channel binding, although RFC 5802 §6 says that every server must accept it.",
  ),
} satisfies Spec<ScramOptions>)

/**
 * SCRAM-SHA-1 (RFC 5802), SCRAM-SHA-256 (RFC 7677) or SCRAM-SHA-512: the password does not cross the wire, and the
 * server proves that it knows it. With -PLUS the login is bound to its TLS connection: a server in between cannot
 * forward it.
 *
 * Each call makes a mechanism with its own cache of derived keys: one per provider. Errors: OPTION_INVALID here;
 * in an exchange SASLPREP_PROHIBITED, SCRAM_NONCE_INVALID, SCRAM_ITERATIONS_OUT_OF_RANGE, SCRAM_EXTENSION_REQUIRED,
 * SCRAM_SERVER_ERROR, CHANNEL_BINDING_UNSEEN, CHANNEL_BINDING_UNAVAILABLE, and LOGIN_REFUSED, CHALLENGE_INVALID, SERVER_NOT_VERIFIED of `@x/auth-core`.
 */
export function scram(
  name: ScramName,
  options?: ScramOptions,
): MutualMechanism<ScramCredentials> & { readonly weakness: string | undefined }
export function scram(
  name: ScramName,
  options?: ScramOptions,
  ...more: readonly unknown[]
): MutualMechanism<ScramCredentials> & { readonly weakness: string | undefined } {
  refuseMore('scram', more, 'a hash and one object with options')
  const { variant, channelBinding, channelBindingType, ...limits } = read(name, options)
  const cache = new KeyCache<ScramKeys>()
  const parser = new ScramCredentialParser()
  return {
    name: channelBinding === 'require' ? `${variant.name}-PLUS` : variant.name,
    clientFirst: true,
    mutual: true,
    cleartext: false,
    spec: variant.spec,
    weakness: variant.weakness,
    // Our own options and the runtime decide; if the certificate allows no binding, the login ends.
    unavailable: ['CHANNEL_BINDING_UNSEEN'],

    parseCredentials: (value) => parser.parse(value),

    async *converse(credentials, context) {
      const clientNonce = printableNonce(context)
      const clientFirstMessageBare = `${credentials.nameAttribute},r=${clientNonce}`
      const binding = bindingOf(credentials, context, channelBinding, channelBindingType)
      const challenge = yield send(utf8(binding.gs2Header + clientFirstMessageBare))

      const serverFirst = parseServerFirst(challenge, clientNonce, limits)
      const keys = await saltedKeys(credentials, serverFirst, context)
      const withoutProof = `${binding.attribute},r=${serverFirst.nonce}`
      const authMessage = `${clientFirstMessageBare},${serverFirst.text},${withoutProof}`
      const clientProof = keys.clientProof(authMessage)
      // Compared as text: base64 has one form for each signature.
      const serverSignature = utf8(keys.serverSignature(authMessage))

      const last = yield finish(utf8(`${withoutProof},p=${clientProof}`), (token) =>
        context.verifyServer(serverSignature, token === undefined ? token : parseServerFinal(token)),
      )
      // RFC 4422 §5: a server that cannot send data with its success sends it before, and needs an empty answer.
      const proof = context.verifyServer(serverSignature, parseServerFinal(last))
      yield finish(
        empty,
        withoutData(() => proof),
      )
    },
  }

  function saltedKeys(
    { username, password, fingerprint, expiresAt }: ScramCredentials,
    { salt, iterations }: ServerFirstMessage,
    context: ExchangeContext,
  ) {
    const request = {
      fingerprint,
      salt,
      iterations,
      costMs: iterations / variant.iterationsPerMs,
      endpoint: context.endpoint,
      holder: `${context.endpoint} ${username}`,
      expiresAt,
      now: context.now(),
      // The signal is made at the first read, and only a login that waits for keys reads it.
      waiting: () => context.signal,
    }
    return cache.get(request, () => ScramKeys.derive(variant, password, salt, iterations))
  }
}

function read(name: ScramName, options: ScramOptions | undefined) {
  const base = typeof name === 'string' ? (name.replace(/-PLUS$/, '') as Variant) : undefined
  if (base === undefined || !Object.hasOwn(variants, base)) {
    const known = Object.keys(variants).join(', ')
    throw authError('OPTION_INVALID', `The first argument of scram is one of ${known}, each also with -PLUS.`)
  }
  const read =
    base === name
      ? readOptions(bag, options)
      : { ...readOptions(plusBag, options), channelBinding: 'require' as const }
  const variant = { name: base, ...variants[base] }
  const { maxIterations = maxDerivationMs * variant.iterationsPerMs } = read
  if (read.minIterations > maxIterations) {
    throw authError('OPTION_INVALID', 'The option minIterations is greater than maxIterations.')
  }
  return { ...read, maxIterations, variant }
}

export const rows = {
  'SCRAM-SHA-512-PLUS': plusRow('SCRAM-SHA-512-PLUS'),
  'SCRAM-SHA-256-PLUS': plusRow('SCRAM-SHA-256-PLUS'),
  'SCRAM-SHA-1-PLUS': plusRow('SCRAM-SHA-1-PLUS'),
  'SCRAM-SHA-512': row('SCRAM-SHA-512'),
  'SCRAM-SHA-256': row('SCRAM-SHA-256'),
  'SCRAM-SHA-1': row('SCRAM-SHA-1'),
}

function plusRow<N extends ScramName>(name: N) {
  return rowOf<N, ScramPlusOptions>(name, plusBag)
}

function row<N extends ScramName>(name: N) {
  return rowOf<N, ScramOptions>(name, bag)
}

function rowOf<N extends ScramName, O extends ScramPlusOptions>(
  name: N,
  bag: OptionBag<Spec<O>>,
): MechanismRow<N, PasswordCredentials, O, ServerVerificationOptions> {
  return {
    name,
    credentials: passwordFields,
    options: bag,
    provider: { serverVerification: true },
    create: (options) => scram(name, options),
  }
}
