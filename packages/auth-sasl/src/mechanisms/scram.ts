import {
  authError,
  type ExchangeContext,
  finish,
  initially,
  type MutualMechanism,
  optionBag,
  type PasswordCredentials,
  readOptions,
  type Spec,
  send,
  whole,
} from '@x/auth-core/base'
import { empty, utf8 } from '../lib/bytes.js'
import { printableNonce } from '../lib/nonce.js'
import type { HashFunction } from '../lib/scram/hmac-key.js'
import { KeyCache } from '../lib/scram/key-cache.js'
import { ScramCredentialParser, type ScramCredentials } from '../lib/scram/scram-credentials.js'
import { ScramKeys } from '../lib/scram/scram-keys.js'
import {
  type IterationLimits,
  parseServerFinal,
  parseServerFirst,
  type ServerFirstMessage,
} from '../lib/scram/scram-messages.js'
import { type MechanismRow, passwordFields, type ServerVerificationOptions } from '../mechanism-row.js'

/** Options of the SCRAM mechanisms. */
export interface ScramOptions {
  /** The least iteration count accepted; a smaller one makes a stolen exchange cheap to search. Default 4 096. */
  readonly minIterations?: number | undefined
  /** The greatest iteration count accepted, since the server decides how long we compute. Default 600 000. */
  readonly maxIterations?: number | undefined
}

/** PBKDF2 of OpenSSL counts in 32 bits. */
const iterations = whole({ min: 1, max: 2 ** 31 - 1 })

const bag = optionBag('scram', {
  minIterations: initially(4_096, iterations, 'RFC 5802 §5.1: fewer make a recorded login cheap to search.'),
  maxIterations: initially(600_000, iterations, 'The server decides how long we compute.'),
} satisfies Spec<ScramOptions>)

export type ScramName = keyof typeof variants

/** One row for each hash function. */
const variants = {
  'SCRAM-SHA-1': {
    hash: 'sha1',
    length: 20,
    block: 64,
    spec: 'RFC 5802',
    weakness: 'SHA-1 makes guessing the password from a recorded login cheaper than SCRAM-SHA-256 does.',
  },
  'SCRAM-SHA-256': { hash: 'sha256', length: 32, block: 64, spec: 'RFC 7677', weakness: undefined },
  'SCRAM-SHA-512': {
    hash: 'sha512',
    length: 64,
    block: 128,
    spec: 'draft-melnikov-scram-sha-512',
    weakness: undefined,
  },
} as const satisfies Record<string, HashFunction & { spec: string; weakness: string | undefined }>

/**
 * SCRAM-SHA-1 (RFC 5802), SCRAM-SHA-256 (RFC 7677) or SCRAM-SHA-512: the password does not cross the wire, and the server
 * proves that it knows it. No channel binding.
 *
 * Each call makes a mechanism with its own cache of derived keys: one per provider. Errors: OPTION_INVALID here;
 * in an exchange SASLPREP_PROHIBITED, SCRAM_NONCE_INVALID, SCRAM_ITERATIONS_OUT_OF_RANGE, SCRAM_EXTENSION_REQUIRED,
 * SCRAM_SERVER_ERROR, and LOGIN_REFUSED, CHALLENGE_INVALID, SERVER_NOT_VERIFIED of `@x/auth-core`.
 */
export function scram(
  name: ScramName,
  options?: ScramOptions,
): MutualMechanism<ScramCredentials> & { readonly weakness: string | undefined } {
  const variant = variants[name]
  const limits = limitsOf(options)
  const cache = new KeyCache<ScramKeys>()
  const parser = new ScramCredentialParser()
  return {
    name,
    clientFirst: true,
    mutual: true,
    cleartext: false,
    spec: variant.spec,
    weakness: variant.weakness,

    parseCredentials: (value) => parser.parse(value),

    async *converse(credentials, context) {
      const clientNonce = printableNonce(context)
      const clientFirstMessageBare = `${credentials.nameAttribute},r=${clientNonce}`
      const challenge = yield send(utf8(credentials.gs2Header + clientFirstMessageBare))

      const serverFirst = parseServerFirst(challenge, clientNonce, limits)
      const keys = await saltedKeys(credentials, serverFirst, context)
      const withoutProof = `${credentials.bindingAttribute},r=${serverFirst.nonce}`
      const authMessage = `${clientFirstMessageBare},${serverFirst.text},${withoutProof}`
      const clientProof = keys.clientProof(authMessage)
      // Compared as it is written: base64 has one form for each signature.
      const serverSignature = utf8(keys.serverSignature(authMessage))

      const last = yield finish(utf8(`${withoutProof},p=${clientProof}`), (token) =>
        context.verifyServer(serverSignature, token === undefined ? token : parseServerFinal(token)),
      )
      // RFC 4422 §5: a server that can not send data with its success sends it before, and wants an empty answer.
      const proof = context.verifyServer(serverSignature, parseServerFinal(last))
      yield finish(empty, () => proof)
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
      holder: `${context.endpoint} ${username}`,
      expiresAt,
      now: context.now(),
      // The signal is made at the first look, and only who waits for keys takes one.
      waiting: () => context.signal,
    }
    return cache.get(request, () => ScramKeys.derive(variant, password, salt, iterations))
  }
}

function limitsOf(options: ScramOptions | undefined): IterationLimits {
  const limits = readOptions(bag, options)
  if (limits.minIterations <= limits.maxIterations) return limits
  throw authError('OPTION_INVALID', 'The option minIterations is greater than maxIterations.')
}

export const rows = {
  'SCRAM-SHA-512': rowOf('SCRAM-SHA-512'),
  'SCRAM-SHA-256': rowOf('SCRAM-SHA-256'),
  'SCRAM-SHA-1': rowOf('SCRAM-SHA-1'),
}

function rowOf<N extends ScramName>(
  name: N,
): MechanismRow<N, PasswordCredentials, ScramOptions, ServerVerificationOptions> {
  return {
    name,
    credentials: passwordFields,
    options: bag,
    provider: { serverVerification: true },
    create: (options) => scram(name, options),
  }
}
