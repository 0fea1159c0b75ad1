import { isMap } from 'node:util/types'

/** The value of a name. Names that every object has (`constructor`) are not found. */
export function lookUp(
  table: Readonly<Record<string, string>> | ReadonlyMap<string, string>,
  name: string,
): string | undefined {
  if (isMap(table)) return (table as ReadonlyMap<string, string>).get(name)
  return Object.hasOwn(table, name) ? (table as Record<string, string>)[name] : undefined
}
