import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A login in `vectors/sigv4-login.json`. */
export interface LoginCase {
  readonly name: string
  readonly region: string
  readonly credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  readonly time: string
  readonly challenge: string
  readonly response: string
}

/** The cases of a file in `vectors/`. */
export function casesOf<T extends object>(name: string): T[] {
  const file = join(__dirname, '..', '..', '..', '..', 'vectors', `${name}.json`)
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: T[] }).cases
}
