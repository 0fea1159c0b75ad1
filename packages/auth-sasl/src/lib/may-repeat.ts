import type { Secret } from '@x/auth-core/base'

/** As many characters in common are no accident; a secret that is shorter counts whole. */
const run = 6

/**
 * Whether words of a server may hold a piece of the secret that it got: as it is, in base64 or base64url at any offset, in
 * hexadecimal or percent-encoded, in any case, cut off at either end. Such words are left out whole: what was cut out of
 * them would leave the rest.
 */
export function mayRepeat(text: string, secret: Secret): boolean {
  const said = text.toLowerCase()
  return secret.use((value) => formsOf(value).some((form) => haveInCommon(said, form.toLowerCase())))
}

function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value, 'utf8')
  const hex = bytes.toString('hex')
  return [value, ...[0, 1, 2].flatMap((offset) => base64At(bytes, offset)), hex, hex.replace(/../g, '%$&')]
}

/** Without the characters that depend on what stands before and after. */
function base64At(bytes: Uint8Array, offset: number): readonly string[] {
  const padded = Buffer.concat([Buffer.alloc(offset), bytes])
  return (['base64', 'base64url'] as const).map((encoding) =>
    padded.toString(encoding).slice(Math.ceil((offset * 8) / 6), Math.floor((padded.length * 8) / 6)),
  )
}

function haveInCommon(said: string, form: string): boolean {
  const length = Math.min(run, form.length)
  for (let from = 0; length > 0 && from + length <= said.length; from++) {
    if (form.includes(said.slice(from, from + length))) return true
  }
  return false
}
