import { existsSync } from 'node:fs'
import { dirname, parse, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Option } from '../options/option-spec.js'
import { hasExtension, isPlainPath } from './plain-path.js'

/** Where a secret is, and its name in messages. */
export interface SecretPath {
  readonly path: string
  /** The path, if it plainly is one; else words that quote nothing. */
  readonly name: string
}

/** A path (a relative one is resolved at once) or a `file:` URL. */
export const pathOption: Option<SecretPath, undefined> = {
  must: 'a path or a file: URL (and not the text of the secret itself)',
  take: (value) => {
    if (typeof value === 'string') return looksLikeText(value) ? undefined : secretPath(resolve(value), value)
    const path = pathOfUrl(value)
    return path === undefined ? undefined : secretPath(path, path)
  },
  initial: undefined,
}

function secretPath(path: string, given: string): SecretPath {
  const name =
    isPlainPath(given) && isSomewhere(path)
      ? path
      : 'the path (left out because it may be a secret: it does not look like a path)'
  return { path, name }
}

/** It exists, has the ending of a file, or is below a folder that exists. Anything that begins with a slash is below the root. */
function isSomewhere(path: string): boolean {
  if (hasExtension(path) || existsSync(path)) return true
  const { root } = parse(path)
  for (let folder = dirname(path); folder !== root; folder = dirname(folder))
    if (existsSync(folder)) return true
  return false
}

/** What no path has: nothing at all, a control character such as a line break, or the beginning of JSON or PEM. */
function looksLikeText(value: string): boolean {
  return value === '' || [...value].some((char) => char < ' ') || /^\s*([[{]|-----BEGIN )/.test(value)
}

/** Also of a URL of another realm. */
function pathOfUrl(value: unknown): string | undefined {
  const { href, protocol } = (value ?? {}) as { href?: unknown; protocol?: unknown }
  if (protocol !== 'file:' || typeof href !== 'string') return undefined
  try {
    return fileURLToPath(href)
  } catch {
    // Its text quotes the URL.
    return undefined
  }
}
