import { pathToFileURL } from 'node:url'
import { type Subject, suites } from '../../suites.js'

/** The subjects that a module exports: with any name, as default, or in arrays. */
export async function loadSubjects(path: string): Promise<Subject[]> {
  const loaded: unknown = await load(path)
  const subjects = [...new Set(valuesOf(loaded).flatMap(valuesOf).flat().filter(isSubject))]
  if (subjects.length === 0) {
    throw new Error(
      `${path} exports no subject: an object with kind (${Object.keys(suites).join(', ')}) and name`,
    )
  }
  const names = subjects.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`${path} exports two subjects with the name '${twice}'`)
  return subjects
}

/** TypeScript keeps `import()` in CommonJS. A .ts file needs the hooks of `require`. */
function load(path: string): Promise<unknown> {
  return /\.c?ts$/.test(path) ? Promise.resolve(require(path)) : import(pathToFileURL(path).href)
}

function valuesOf(value: unknown): unknown[] {
  if (Array.isArray(value) || isSubject(value)) return [value].flat()
  return typeof value === 'object' && value !== null ? Object.values(value) : []
}

function isSubject(value: unknown): value is Subject {
  const { kind, name } = (value ?? {}) as { kind?: unknown; name?: unknown }
  return typeof kind === 'string' && Object.hasOwn(suites, kind) && typeof name === 'string'
}
