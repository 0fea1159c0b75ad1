/** Which files the areas have, and to which area a file belongs. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { areas, others } from '../areas.mjs'
import { root } from './repository.mjs'

/** The files in a package's `src`: they are published, and the package's own tests test them. */
export function allSources() {
  return readdirSync(join(root, 'packages'))
    .filter((name) => existsSync(join(root, 'packages', name, 'test')))
    .flatMap((name) => sourcesIn(`packages/${name}/src`))
}

/** @returns {Map<string, import('../areas.mjs').Area>} every file of an area; throws if the declaration is wrong */
export function filesOfAreas(declared = areas) {
  const found = new Map()
  for (const area of declared) {
    for (const place of area.places) {
      for (const file of sourcesIn(place)) {
        const other = found.get(file)
        if (other) throw new Error(`${file} is in two areas: ${other.name} and ${area.name}`)
        found.set(file, area)
      }
    }
  }
  return found
}

/** @param {string} file */
export function areaOf(file, files = filesOfAreas()) {
  return files.get(file) ?? others
}

/** @param {string} file of a package */
export function packageOf(file) {
  return file.split('/')[1]
}

/** @param {string} place @returns {string[]} */
export function sourcesIn(place) {
  const path = join(root, place)
  if (!existsSync(path))
    throw new Error(`there is no ${place}, which mutation/areas.mjs or the command names`)
  if (!statSync(path).isDirectory()) return [place]
  const files = readdirSync(path, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(place, file))
    .sort()
  if (files.length === 0) throw new Error(`${place} has no source`)
  return files
}
