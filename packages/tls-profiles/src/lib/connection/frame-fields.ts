/** Flags of a header, CQL native protocol v4 §2.2. */
const compressed = 0x01
const traced = 0x02
const withPayload = 0x04
const withWarnings = 0x08

const uuidBytes = 16

/**
 * The body of a response after the fields that the flags of its header announce: tracing id, then [string list] of
 * warnings, then [bytes map] of a custom payload. Undefined if the body is compressed, which the driver never asks for,
 * or if the fields are cut short. Also undefined if warnings or a payload are announced before version 4: the driver
 * reads them there although the protocol forbids it, so it is not known where the message begins.
 */
export function withoutFields(body: Buffer, version: number, flags: number): Buffer | undefined {
  if ((flags & compressed) !== 0) return undefined
  const sinceVersion4 = flags & (withWarnings | withPayload)
  if (version < 4 && sinceVersion4 !== 0) return undefined
  try {
    let at = (flags & traced) !== 0 ? uuidBytes : 0
    if ((flags & withWarnings) !== 0) at = behindList(body, at, [behindString])
    if ((flags & withPayload) !== 0) at = behindList(body, at, [behindString, behindBytes])
    return at <= body.length ? body.subarray(at) : undefined
  } catch {
    return undefined // RangeError of a Buffer
  }
}

type Behind = (body: Buffer, at: number) => number

/** §3: a [short] of entries, each of which has these parts. */
function behindList(body: Buffer, at: number, parts: readonly Behind[]): number {
  let next = at + 2
  for (let left = body.readUInt16BE(at); left > 0; left--)
    for (const behind of parts) next = behind(body, next)
  return next
}

const behindString: Behind = (body, at) => at + 2 + body.readUInt16BE(at)

/** A negative length means null. */
const behindBytes: Behind = (body, at) => at + 4 + Math.max(0, body.readInt32BE(at))
