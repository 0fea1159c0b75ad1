/**
 * Whether to colour what goes to this stream. NO_COLOR (https://no-color.org) turns colours off, FORCE_COLOR (https://force-color.org) turns
 * them on, and `0` or `false` in it off; else a terminal has them and a pipe has none. Nothing else of the environment is asked: CI has pipes.
 */
export function isColoured(
  { isTTY }: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const { NO_COLOR: none = '', FORCE_COLOR: forced = '', TERM: terminal } = environment
  if (none !== '') return false
  if (forced !== '') return !['0', 'false'].includes(forced)
  return isTTY === true && terminal !== 'dumb'
}
