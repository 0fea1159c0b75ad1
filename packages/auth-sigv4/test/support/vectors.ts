import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The cases of a file in `vectors/`. */
export function casesOf<T extends object>(name: string): T[] {
  const file = join(__dirname, '..', '..', '..', '..', 'vectors', `${name}.json`)
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: T[] }).cases
}
