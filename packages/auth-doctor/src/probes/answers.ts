import { findAuthError } from '@x/auth-core'
import { parseFrame } from '../protocol/frames.js'
import { BodyReader } from '../protocol/values.js'
import type { Answer } from '../protocol/wire.js'
import type { Run } from '../run.js'

/** An ERROR of the server in the form in which the driver would throw it: `findAuthError` and `explainRefusal` recognize it by its fields. */
export class ServerError extends Error {
  override name = 'ResponseError'
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** The ERROR in an answer; undefined if it is something else. */
export function serverErrorIn(answer: Answer): ServerError | undefined {
  if (answer.kind !== 'frame' || answer.frame.opcode !== 'ERROR') return undefined
  try {
    const reader = new BodyReader(answer.frame.body)
    const code = reader.int()
    return new ServerError(code, reader.string())
  } catch {
    return new ServerError(0, '')
  }
}

/** Reports what came instead of the expected answer. */
export function reportAnswer({ findings }: Run, answer: Answer, to: string): void {
  const detail = `In answer to ${to}.`
  const error = serverErrorIn(answer)
  if (error) {
    const explained = findAuthError(error)
    if (!explained || !findings.addError(explained)) {
      findings.add('SERVER_ERROR', `${detail} Error 0x${error.code.toString(16).padStart(4, '0')}.`)
    }
    return
  }
  switch (answer.kind) {
    case 'frame':
      return findings.add('ANSWER_UNEXPECTED', `${detail} It is ${answer.frame.opcode}.`)
    case 'foreign':
      return findings.add('FRAME_INVALID', detail)
    case 'too large':
      return findings.add('FRAME_TOO_LARGE', `${detail} ${answer.length} bytes.`)
    case 'silent':
      return isBegun(answer.bytes) ? findings.add('FRAME_CUT', detail) : findings.add('SERVER_SILENT', detail)
    case 'closed':
      return isBegun(answer.bytes) ? findings.add('FRAME_CUT', detail) : findings.add('SERVER_CLOSED', detail)
    case 'failed':
      return findings.add(
        'SERVER_RESET',
        answer.error.code === undefined ? detail : `${detail} ${answer.error.code}.`,
      )
  }
}

/** Whether a frame was begun: if so, the server speaks CQL, and it is slow or was cut off. */
export function isBegun(bytes: Buffer): boolean {
  return bytes.length > 0 && parseFrame(bytes).kind === 'part'
}
