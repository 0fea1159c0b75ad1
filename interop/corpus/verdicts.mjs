/** The verdicts on a file: by a profile, and by plain Node.js. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import tls from 'node:tls'
import { isTlsError, verifyClient, verifyServer } from '@x/tls-profiles'

/**
 * `read`, or the reason for a refusal. `shown`: the fingerprint of the certificate that would be sent from a key store.
 * @typedef {{ verdict: string, shown?: string | undefined }} Verdict
 * @typedef {import('./item.mjs').Item} Item
 */

/** The codes of a profile after it has read everything: it checks more than the syntax. */
const judgedAfterReading = ['CERTIFICATE_EXPIRED', 'CERTIFICATE_NOT_YET_VALID', 'CA_WITHOUT_ROOT']

/**
 * @param {Item} item @param {string | undefined} passphrase @param {string} certificate an unrelated one, PEM
 * @returns {Verdict}
 */
export function ours({ kind, file }, passphrase, certificate) {
  const store = { pfx: file, passphrase }
  switch (kind) {
    case 'certificate':
      return attempt(() => verifyServer({ ca: file }))
    case 'crl':
      return attempt(() => verifyServer({ ca: certificate, crl: file }))
    case 'trust store':
      return attempt(() => verifyServer({ ca: store }))
    case 'store':
      return attempt(() => verifyClient(store))
    case 'key':
      // The key gets an unrelated certificate: the error that they do not match shows that the key was read.
      return attempt(() => verifyClient({ cert: certificate, key: file, passphrase }), ['KEY_MISMATCH'])
  }
}

/** @param {() => import('@x/tls-profiles').TlsProfile} make @param {readonly string[]} [read] @returns {Verdict} */
function attempt(make, read = []) {
  try {
    const profile = make()
    profile.close()
    return { verdict: 'read', shown: profile.status().certificates[0]?.certificate.fingerprint256 }
  } catch (error) {
    if (!isTlsError(error)) throw error
    const judged = [...judgedAfterReading, ...read].includes(error.code)
    return {
      verdict: judged ? 'read' : error.code,
      shown: judged ? error.certificate?.fingerprint256 : undefined,
    }
  }
}

/** @param {Item} item @param {string | undefined} passphrase @param {string} certificate @returns {Verdict} */
export function nodes({ kind, file }, passphrase, certificate) {
  const bytes = readFileSync(file)
  switch (kind) {
    case 'certificate':
      return plain(() => void new X509Certificate(bytes))
    case 'crl':
      return plain(() => void tls.createSecureContext({ ca: certificate, crl: bytes }))
    case 'store':
    case 'trust store':
      return plain(() => {
        const { context } = tls.createSecureContext({
          pfx: bytes,
          ...(passphrase === undefined ? {} : { passphrase }),
        })
        const der = /** @type {{ getCertificate?: () => Buffer | null }} */ (context).getCertificate?.()
        return der ? new X509Certificate(der).fingerprint256 : undefined
      })
    case 'key':
      return plain(() => parseKey(bytes, passphrase))
  }
}

/** @param {Buffer} key @param {string | undefined} passphrase */
function parseKey(key, passphrase) {
  const secret = passphrase === undefined ? {} : { passphrase }
  const forms = /** @type {const} */ (['pkcs8', 'pkcs1', 'sec1'])
  const attempts = [
    () => createPrivateKey({ key, ...secret }),
    ...forms.map((type) => () => createPrivateKey({ key, format: 'der', type, ...secret })),
  ]
  for (const [index, each] of attempts.entries()) {
    try {
      each()
      return
    } catch (error) {
      if (index === attempts.length - 1) throw error
    }
  }
}

/** @param {() => string | void | undefined} parse @returns {Verdict} */
function plain(parse) {
  try {
    return { verdict: 'read', shown: parse() ?? undefined }
  } catch {
    return { verdict: 'refused' }
  }
}

/**
 * Chooses the passphrase: the first with which Node.js reads the file, otherwise the first with which a profile does.
 * @param {Item} item @param {string} certificate
 */
export function judge(item, certificate) {
  const candidates = item.passphrases && item.passphrases.length > 0 ? item.passphrases : [undefined]
  const judged = candidates.map((passphrase) => ({ passphrase, node: nodes(item, passphrase, certificate) }))
  const found = judged.find(({ node }) => node.verdict === 'read')
  if (found) return { ...found, item, own: ours(item, found.passphrase, certificate) }
  const all = judged.map((each) => ({ ...each, item, own: ours(item, each.passphrase, certificate) }))
  const best =
    all.find(({ own }) => own.verdict === 'read') ?? all.find(({ own }) => own.verdict !== 'PASSPHRASE_WRONG')
  return /** @type {Judged} */ (best ?? all[0])
}

/** @typedef {{ item: Item, passphrase: string | undefined, node: Verdict, own: Verdict }} Judged */
