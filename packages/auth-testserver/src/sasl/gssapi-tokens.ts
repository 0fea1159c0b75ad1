import { createHmac, timingSafeEqual } from 'node:crypto'

/** RFC 4121 §4.1: the kinds of tokens that establish a context. */
const kinds = { ticket: 0x0100, reply: 0x0200, error: 0x0300 } as const

export type ContextTokenKind = keyof typeof kinds

/** 1.2.840.113554.1.2.2 in DER, with its tag. */
const krb5 = Buffer.from('06092a864886f712010202', 'hex')

/** RFC 4121 §4.2.6.2 */
const wrapTokenId = 0x0504
const headerBytes = 16
const sentByAcceptor = 0x01
const sealedFlag = 0x02
const checksumBytes = 12

/** Wraps a Kerberos token as in RFC 2743 §3.1. `body` replaces the AP-REQ, AP-REP or KRB-ERROR. */
export function contextToken(kind: ContextTokenKind, body: Uint8Array): Buffer {
  const id = Buffer.alloc(2)
  id.writeUInt16BE(kinds[kind])
  const inner = Buffer.concat([krb5, id, body])
  const length =
    inner.length < 0x80 ? Buffer.of(inner.length) : Buffer.of(0x82, inner.length >> 8, inner.length & 0xff)
  return Buffer.concat([Buffer.of(0x60), length, inner])
}

/** Reads a token that `contextToken` could have made; undefined for any other. The body of an error is its text. */
export function readContextToken(
  token: Uint8Array,
): { readonly kind: ContextTokenKind; readonly body: Buffer } | undefined {
  const bytes = Buffer.from(token)
  const start = (bytes[1] === 0x82 ? 4 : 2) + krb5.length
  const id = bytes.length >= start + 2 ? bytes.readUInt16BE(start) : undefined
  const kind = (Object.keys(kinds) as ContextTokenKind[]).find((each) => kinds[each] === id)
  const body = bytes.subarray(start + 2)
  return kind && contextToken(kind, body).equals(bytes) ? { kind, body } : undefined
}

type Side = 'client' | 'server'

/** How a wrap token is made. */
export interface Wrapping {
  readonly sealed?: boolean
  /** The number of bytes by which payload and checksum are rotated to the right (RFC 4121 §4.2.5). */
  readonly rotation?: number
}

/** The secret that both sides of a context share. */
export class SessionKey {
  readonly #key: Buffer

  constructor(key: Buffer) {
    this.#key = key
  }

  /** The proof that a side could read the ticket. */
  proof(side: Side): Buffer {
    return this.#hmac(`proof of the ${side}`, Buffer.alloc(0))
  }

  wrap(payload: Uint8Array, side: Side, { sealed = false, rotation = 0 }: Wrapping = {}): Buffer {
    const header = Buffer.alloc(headerBytes, 0)
    header.writeUInt16BE(wrapTokenId)
    header.writeUInt8((side === 'server' ? sentByAcceptor : 0) | (sealed ? sealedFlag : 0), 2)
    header.writeUInt8(0xff, 3)
    header.writeUInt16BE(sealed ? 0 : checksumBytes, 4)
    const content = sealed ? this.#sealed(payload) : Buffer.from(payload)
    const rest = Buffer.concat([content, this.#checksum(header, content)])
    const turn = rotation % rest.length
    const turned = Buffer.concat([rest.subarray(rest.length - turn), rest.subarray(0, rest.length - turn)])
    // The checksum covers a header whose RRC is 0.
    header.writeUInt16BE(rotation, 6)
    return Buffer.concat([header, turned])
  }

  /** The payload. Undefined if the token is from the wrong side, or was not made with this key. */
  unwrap(token: Uint8Array, side: Side): Buffer | undefined {
    const bytes = Buffer.from(token)
    if (bytes.length < headerBytes + checksumBytes || bytes.readUInt16BE(0) !== wrapTokenId) return undefined
    const header = bytes.subarray(0, headerBytes)
    const flags = header.readUInt8(2)
    const sealed = (flags & sealedFlag) !== 0
    if (((flags & sentByAcceptor) !== 0) !== (side === 'server')) return undefined
    const rest = bytes.subarray(headerBytes)
    const turn = header.readUInt16BE(6) % rest.length
    const straight = Buffer.concat([rest.subarray(turn), rest.subarray(0, turn)])
    header.writeUInt16BE(0, 6)
    const content = straight.subarray(0, straight.length - checksumBytes)
    const checksum = straight.subarray(straight.length - checksumBytes)
    if (!timingSafeEqual(checksum, this.#checksum(header, content))) return undefined
    return sealed ? this.#sealed(content) : content
  }

  #checksum(header: Buffer, content: Buffer): Buffer {
    return this.#hmac('checksum', Buffer.concat([header, content])).subarray(0, checksumBytes)
  }

  /** Encrypts and decrypts: it is its own inverse. */
  #sealed(content: Uint8Array): Buffer {
    const stream = this.#hmac('seal', Buffer.alloc(0))
    return Buffer.from(content.map((byte, index) => byte ^ Number(stream[index % stream.length])))
  }

  #hmac(use: string, bytes: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(`${use}\0`).update(bytes).digest()
  }
}
