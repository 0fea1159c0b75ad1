/**
 * Writes PKCS #12 (RFC 7292) for Java and OpenSSL. Certificates are not encrypted, keys are, and a MAC covers everything.
 */
import { createHash, createHmac, createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { bmpString, integer, nothing, octets, oid, sequence, set, tagged, utf16 } from './der.mjs'

const data = '1.2.840.113549.1.7.1'
const bags = '1.2.840.113549.1.12.10.1'
const sha256 = '2.16.840.1.101.3.4.2.1'
const macIterations = 10_000

/**
 * @param {object} store
 * @param {string} store.password
 * @param {{ alias: string, key: string, chain: string[] }[]} [store.keys] PEM, unencrypted
 * @param {{ alias: string, certificate: string }[]} [store.trusted] PEM
 */
export function writePkcs12({ password, keys = [], trusted = [] }) {
  const certificates = [
    ...keys.flatMap(({ alias, chain }) =>
      // Only the first belongs to the key; the others are its issuers and have no name.
      chain.map((pem, index) =>
        certificateBag(pem, index === 0 ? [friendlyName(alias), localKeyId(chain[0])] : []),
      ),
    ),
    ...trusted.map(({ alias, certificate }) =>
      certificateBag(certificate, [friendlyName(alias), trustedByJava()]),
    ),
  ]
  const shrouded = keys.map(({ alias, key, chain }) =>
    keyBag(key, password, [friendlyName(alias), localKeyId(chain[0])]),
  )
  const safes = [certificates, shrouded].filter((bag) => bag.length > 0)
  const content = sequence(...safes.map((bag) => contentInfo(sequence(...bag))))
  return sequence(integer(3), contentInfo(content), mac(content, password))
}

const contentInfo = (bytes) => sequence(oid(data), tagged(0, octets(bytes)))

/** RFC 7292 §4.2.3 */
function certificateBag(pem, attributes) {
  const { raw } = new X509Certificate(pem)
  const certificate = sequence(oid('1.2.840.113549.1.9.22.1'), tagged(0, octets(raw)))
  return sequence(oid(`${bags}.3`), tagged(0, certificate), set(...attributes))
}

/** RFC 7292 §4.2.2: the key as PKCS #8, encrypted by OpenSSL with PBES2. */
function keyBag(pem, password, attributes) {
  const encrypted = createPrivateKey(pem).export({
    type: 'pkcs8',
    format: 'der',
    cipher: 'aes-256-cbc',
    passphrase: password,
  })
  return sequence(oid(`${bags}.2`), tagged(0, encrypted), set(...attributes))
}

const friendlyName = (alias) => sequence(oid('1.2.840.113549.1.9.20'), set(bmpString(alias)))
const localKeyId = (pem) => {
  const { raw } = new X509Certificate(pem)
  return sequence(oid('1.2.840.113549.1.9.21'), set(octets(createHash('sha1').update(raw).digest())))
}
/** Without this attribute by Oracle, Java takes the certificate for a part of a chain, and does not trust it. */
const trustedByJava = () => sequence(oid('2.16.840.1.113894.746875.1.1'), set(oid('2.5.29.37.0')))

function mac(content, password) {
  const salt = randomBytes(20)
  const digest = createHmac('sha256', macKey(password, salt)).update(content).digest()
  const info = sequence(sequence(oid(sha256), nothing()), octets(digest))
  return sequence(info, octets(salt), integer(macIterations))
}

/** RFC 7292 appendix B.2 for one block of SHA-256; identifier 3 makes it a MAC key. */
function macKey(password, salt) {
  const block = 64
  const fill = (bytes) => Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes)
  let digest = Buffer.concat([Buffer.alloc(block, 3), fill(salt), fill(utf16(`${password}\0`))])
  for (let round = 0; round < macIterations; round++) digest = createHash('sha256').update(digest).digest()
  return digest
}
