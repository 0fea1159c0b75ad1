import { createHmac, timingSafeEqual } from 'node:crypto'
import { TlsError } from '../../errors.js'
import {
  type Ber,
  childrenOf,
  explicit,
  implicit,
  integer,
  octets,
  oid,
  readBer,
  readWithin,
  sequence,
} from './ber.js'
import type { Derivation, Deriving } from './derive.js'
import { DecryptionError, FormatError } from './format-error.js'
import {
  decrypting,
  digestOf,
  type Encryption,
  encryptionOf,
  iterationsOf,
  nullPassphrase,
  type Passphrase,
  passphraseFrom,
  pbmac1Derivation,
} from './pbe.js'
import type { StoreContents, StoredKey, StoreRequest } from './store-contents.js'

const types = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  pbmac1: '1.2.840.113549.1.5.14',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  safeContentsBag: '1.2.840.113549.1.12.10.1.6',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
} as const

/** Without a MAC, any passphrase would be accepted, and anyone could have added certificates to what is trusted. */
const unprotected =
  'The trust store has certificates that its passphrase does not protect: they are not encrypted, and there is no MAC. Write the store with a MAC, or leave `passphrase` out.'

/**
 * Reads PKCS #12 (RFC 7292). OpenSSL itself would read only one key, and would trust the other certificates in the
 * store. Keys are derived by native functions. Anything in a bag that is neither a key nor a certificate is skipped.
 */
export function* readPkcs12(bytes: Buffer, request: StoreRequest): Deriving<StoreContents> {
  const { passphrase, keyPassphrase } = request
  const { safes, content, mac } = outerOf(bytes)
  if (!mac && passphrase && !request.wantsKey && safes.some(({ bags }) => bags?.some(isCertificate)))
    throw new TlsError('STORE_INVALID', unprotected)
  const ofKeys = keyPassphrase === undefined ? undefined : passphraseFrom(keyPassphrase)
  const own = yield* verified(candidates(passphrase), content, mac, (each) => [
    ...safes.flatMap((safe) => safe.ahead(each)),
    ...keyAhead(safes, ofKeys ?? each, request),
  ])
  const bags: Bag[] = []
  for (const safe of safes) bags.push(...(yield* safe.open(own)))
  return {
    certificates: bags.flatMap((bag) => certificateIn(bag) ?? []),
    keys: bags.filter(isKey).map((bag, index) => storedKey(bag, index, ofKeys ?? own)),
  }
}

/** The derivations that the wanted key needs, if they are known before anything is decrypted. */
function keyAhead(
  safes: readonly Safe[],
  passphrase: Passphrase,
  request: StoreRequest,
): readonly Derivation[] {
  if (!request.wantsKey) return []
  const keys = safes.flatMap(({ bags }) => bags?.filter(isKey) ?? [])
  const wanted = keys.filter(({ name }) => request.alias === undefined || name === request.alias)
  const [bag, another] = wanted
  return bag?.encryption && !another ? derivationsOf(bag.encryption, passphrase) : []
}

/** Without a passphrase, some tools mean the empty one and some mean none at all; the MAC shows which. */
function candidates(passphrase = ''): readonly Passphrase[] {
  return passphrase === '' ? [passphraseFrom(''), nullPassphrase] : [passphraseFrom(passphrase)]
}

/** PFX (§4): a list of parts, some encrypted, and a MAC over all of them. */
function outerOf(bytes: Buffer) {
  const [version, authSafe, macData] = sequence(readBer(bytes))
  if (integer(version) !== 3) throw new FormatError('not version 3 of PKCS #12')
  const [type, content] = sequence(authSafe)
  if (oid(type) !== types.data)
    throw new FormatError('a PKCS #12 store that is signed instead of having a passphrase')
  const string = explicit(content, 0)
  const whole = octets(string)
  return {
    content: whole,
    safes: sequence(readWithin(whole, string)).flatMap((part) => safeOf(part) ?? []),
    mac: macData && macOf(macData),
  }
}

/** One part: SafeContents, perhaps encrypted. One that is encrypted for a public key is skipped. */
interface Safe {
  /** Only if nothing is encrypted. */
  readonly bags?: readonly Bag[]
  /** The derivations that `open` needs. */
  ahead(passphrase: Passphrase): readonly Derivation[]
  open(passphrase: Passphrase): Deriving<readonly Bag[]>
}

function safeOf(part: Ber): Safe | undefined {
  const [type, content] = sequence(part)
  if (oid(type) === types.data) {
    const string = explicit(content, 0)
    return plainSafe(bagsIn(readWithin(octets(string), string)))
  }
  if (oid(type) !== types.encryptedData) return undefined
  const [, encrypted] = sequence(explicit(content, 0))
  const [, algorithm, data] = sequence(encrypted)
  return lockedSafe(lockOf(algorithm), octets(data, implicit(0)), part)
}

function plainSafe(bags: readonly Bag[]): Safe {
  return {
    bags,
    ahead: () => [],
    // biome-ignore lint/correctness/useYield: nothing has to be derived
    *open() {
      return bags
    },
  }
}

function lockedSafe(lock: Lock, data: Buffer, part: Ber): Safe {
  return {
    ahead: (passphrase) => derivationsOf(lock, passphrase),
    *open(passphrase) {
      return bagsIn(readWithin(yield* decrypting(lock(passphrase), data), part))
    },
  }
}

/** How something is encrypted. Each passphrase has one Encryption, so that a key that was derived ahead is found again. */
type Lock = (passphrase: Passphrase) => Encryption

function lockOf(algorithm: Ber | undefined): Lock {
  const made = new Map<Passphrase, Encryption>()
  return (passphrase) => {
    const found = made.get(passphrase) ?? encryptionOf(algorithm, passphrase)
    made.set(passphrase, found)
    return found
  }
}

/** A part that cannot be decrypted is an error later; the MAC comes first. */
function derivationsOf(lock: Lock, passphrase: Passphrase): readonly Derivation[] {
  try {
    return lock(passphrase).derivations
  } catch {
    return []
  }
}

interface Mac {
  derivation(passphrase: Passphrase): Derivation
  matches(content: Buffer, key: Buffer): boolean
}

/** MacData (§4), or PBMAC1 (RFC 9579). */
function macOf(macData: Ber): Mac {
  const [digestInfo, salt, iterations] = sequence(macData)
  const [algorithm, expected] = sequence(digestInfo)
  const [type, parameters] = sequence(algorithm)
  const compare = (digest: string) => (content: Buffer, key: Buffer) => {
    const computed = createHmac(digest, key).update(content).digest()
    return computed.length === octets(expected).length && timingSafeEqual(computed, octets(expected))
  }
  if (oid(type) === types.pbmac1) {
    const [derivation, scheme] = sequence(parameters)
    const digest = digestOf(oid(sequence(scheme)[0]))
    return { derivation: ({ utf8 }) => pbmac1Derivation(derivation, utf8), matches: compare(digest) }
  }
  const digest = digestOf(oid(type))
  const input = {
    kdf: 'pkcs12',
    salt: octets(salt),
    iterations: iterations ? iterationsOf(iterations) : 1,
    length: octets(expected).length,
    digest,
    purpose: 3,
  } as const
  return { derivation: ({ utf16 }) => ({ ...input, password: utf16 }), matches: compare(digest) }
}

/** The passphrase whose MAC is right. Without a MAC, the decrypted content decides. */
function* verified(
  passphrases: readonly Passphrase[],
  content: Buffer,
  mac: Mac | undefined,
  ahead: (passphrase: Passphrase) => readonly Derivation[],
): Deriving<Passphrase> {
  if (!mac) return passphrases[0] as Passphrase
  for (const passphrase of passphrases) {
    const now = [mac.derivation(passphrase)]
    const [key] = yield { now, ahead: passphrases.length === 1 ? ahead(passphrase) : [] }
    if (mac.matches(content, key as Buffer)) return passphrase
  }
  throw new DecryptionError('the MAC is another one')
}

/** SafeBag (§4.2). */
interface Bag {
  readonly type: string
  readonly value: Ber
  readonly name: string | undefined
  /** For an encrypted key. */
  readonly encryption?: Lock | undefined
}

function bagsIn(safeContents: Ber): Bag[] {
  return sequence(safeContents).flatMap((each) => {
    const [type, content, attributes] = sequence(each)
    const [name, value] = [oid(type), explicit(content, 0)]
    if (name === types.safeContentsBag) return bagsIn(value)
    return [
      {
        type: name,
        value,
        name: attributes && friendlyName(attributes),
        encryption: name === types.shroudedKeyBag ? lockOf(sequence(value)[0]) : undefined,
      },
    ]
  })
}

/** In UTF-16; Java calls it the alias. */
function friendlyName(attributes: Ber): string | undefined {
  for (const attribute of childrenOf(attributes)) {
    const [type, values] = sequence(attribute)
    if (oid(type) !== types.friendlyName || !values) continue
    const [name] = childrenOf(values)
    if (name && name.contents.length % 2 === 0) return Buffer.from(name.contents).swap16().toString('utf16le')
  }
  return undefined
}

function certificateIn({ type, value }: Bag): { der: Buffer } | undefined {
  if (type !== types.certBag) return undefined
  const [kind, certificate] = sequence(value)
  return oid(kind) === types.x509Certificate ? { der: octets(explicit(certificate, 0)) } : undefined
}

function isCertificate({ type }: Bag): boolean {
  return type === types.certBag
}

function isKey({ type }: Bag): boolean {
  return type === types.keyBag || type === types.shroudedKeyBag
}

function storedKey({ name, value, encryption }: Bag, index: number, passphrase: Passphrase): StoredKey {
  return {
    alias: name ?? String(index + 1),
    *pkcs8() {
      return encryption ? yield* decrypting(encryption(passphrase), octets(sequence(value)[1])) : value.whole
    },
  }
}
