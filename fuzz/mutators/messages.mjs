/** Changes of a conversation: a message is removed, repeated, swapped with another, or changed in its own format. */

/** @typedef {import('../lib/random.mjs').Random} Random */

/** @typedef {object} Conversation
 * @property {number} head the target uses it to choose something, such as the vector
 * @property {(Buffer | null)[]} messages null means that there is no message; that is not the same as an empty message
 */

const none = 0xffff

/** @param {Conversation} conversation @returns {Buffer} */
export function packMessages({ head, messages }) {
  const parts = messages.flatMap((message) => {
    const length = Buffer.alloc(2)
    const kept = message?.subarray(0, none - 1)
    length.writeUInt16BE(kept?.length ?? none)
    return kept ? [length, kept] : [length]
  })
  return Buffer.concat([Buffer.from([head]), ...parts])
}

/** Every sequence of bytes is a valid conversation. @param {Buffer} bytes @returns {Conversation} */
export function unpackMessages(bytes) {
  /** @type {(Buffer | null)[]} */
  const messages = []
  for (let at = 1; at + 2 <= bytes.length && messages.length < 16; ) {
    const length = bytes.readUInt16BE(at)
    at += 2
    messages.push(length === none ? null : bytes.subarray(at, at + length))
    if (length !== none) at += length
  }
  return { head: bytes[0] ?? 0, messages }
}

/**
 * @param {(message: Buffer, random: Random, other: Buffer) => Buffer} change
 * @returns {(bytes: Buffer, random: Random, other: Buffer) => Buffer}
 */
export function changeMessages(change) {
  return (bytes, random, other) => {
    const { head, messages } = unpackMessages(bytes)
    const theirs = unpackMessages(other).messages
    const at = random.below(messages.length)
    const message = messages[at]
    switch (random.below(10)) {
      case 0:
        messages.splice(at, 1)
        break
      case 1:
        messages.splice(at, 0, random.once(2) ? null : (message ?? null))
        break
      case 2:
        messages.splice(random.below(messages.length + 1), 0, random.from([...theirs, null, Buffer.alloc(0)]))
        break
      default: {
        const from = random.from([...theirs, Buffer.alloc(0)]) ?? Buffer.alloc(0)
        messages[at] = change(message ?? Buffer.alloc(0), random, from)
      }
    }
    return packMessages({ head: random.once(50) ? random.below(256) : head, messages })
  }
}
