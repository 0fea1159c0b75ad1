/** The lying servers. Each is a server of `@x/auth-testserver` that accepts any proof of the client. */
import { digestMd5Lies, digestMd5Server, scramLies, scramServer } from '@x/auth-testserver'

/** @typedef {import('@x/auth-testserver').MechanismFactory} MechanismFactory */
/** @typedef {{ title: string, serve: (mechanism: 'SCRAM-SHA-1' | 'SCRAM-SHA-256') => MechanismFactory }} ScramRow */

export const credentials = { username: 'alice', password: 'wonderland' }

// pg always sends this name: PostgreSQL knows the user from another message.
const users = { alice: credentials.password, '*': credentials.password }
const acceptsAnything = true
const proofIn = 'success'

/** @param {string} title @param {Omit<import('@x/auth-testserver').ScramServerOptions, 'users'>} options @returns {ScramRow} */
function scramRow(title, options) {
  return { title, serve: (mechanism) => scramServer({ mechanism, users, proofIn, ...options }) }
}

/** The first two are honest: clients must accept them. */
export const scramRows = [
  scramRow('the truth', {}),
  scramRow('the truth, and an attribute that nobody knows', { extensions: 'x=1' }),
  scramRow("the client's nonce, with nothing of its own", {
    lie: { ...scramLies['nonce-equal'], acceptsAnything },
  }),
  scramRow("a nonce that is not the client's", { lie: { ...scramLies['nonce-foreign'], acceptsAnything } }),
  scramRow('1 iteration', { iterations: 1 }),
  scramRow('an extension that is mandatory (`m=`)', {
    lie: {
      first: ({ clientNonce, serverNonce, salt, iterations }) =>
        `m=x,r=${clientNonce}${serverNonce},s=${salt},i=${iterations}`,
      acceptsAnything,
    },
  }),
  scramRow('a signature made without the password', { lie: 'signature-wrong' }),
  scramRow('an empty signature', { lie: 'signature-empty' }),
  scramRow('no last message', { lie: 'signature-missing' }),
  scramRow('an error as its last message (`e=`), and success', { lie: 'signature-replaced-by-error' }),
  // This is the last one, because nothing stops a client that computes in JavaScript.
  scramRow('3 000 000 iterations', { iterations: 3_000_000 }),
]

/**
 * @param {string} title
 * @param {import('@x/auth-testserver').DigestMd5LieName} [lie]
 * @param {'challenge' | 'success'} [proofIn]
 */
function digestRow(title, lie, proofIn = 'challenge') {
  const known = lie && { lie: { ...digestMd5Lies[lie], acceptsAnything } }
  return { title, serve: () => digestMd5Server({ users, proofIn, ...known }) }
}

/** The first one is honest. */
export const digestRows = [
  digestRow('the truth'),
  digestRow('two nonces', 'two-nonces'),
  digestRow('no algorithm', 'algorithm-missing'),
  digestRow('another algorithm', 'algorithm-other'),
  digestRow('no qop auth', 'no-qop-auth'),
  digestRow('a proof made without the password, as a challenge', 'rspauth-wrong'),
  digestRow('a proof made without the password, with its success', 'rspauth-wrong', 'success'),
  digestRow('no proof, and success', 'rspauth-missing', 'success'),
]
