/**
 * Whether to color what goes to this stream. NO_COLOR (https://no-color.org) turns colors off. FORCE_COLOR (https://force-color.org) turns them
 * on, and with `0` or `false` it turns them off. Otherwise a terminal has them and a pipe does not. No other variable counts: CI has pipes.
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
