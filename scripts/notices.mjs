/**
 * Renders `packages/<name>/NOTICE`: which packages are installed with a package, and their licences. It reads the packages
 * that are installed here. A licence that is not in the list below is an error: a person must decide whether we may depend
 * on it.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { identity } from './manifests.mjs'

const accepted = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT']

/** @param {{ name: string, folder: string, manifest: Record<string, any> }} of */
export function renderNotice({ name, folder, manifest }) {
  const found = new Map()
  collect(folder, manifest, found)
  const lines = [...found.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((dependency) => `- ${dependency.name}: ${licenceOf(dependency)}, ${homeOf(dependency)}`)
  return [
    name,
    `Copyright ${identity.author}. Licensed under the Apache License, Version 2.0 (see LICENSE).`,
    '',
    lines.length === 0
      ? 'No other package is installed with this one.'
      : 'These packages are installed with this one. They are not part of it, and each has its own licence:',
    ...lines,
    '',
  ].join('\n')
}

/**
 * The packages of others, by name, also those that one of our packages depends on. Each of our packages has its own
 * NOTICE.
 */
function collect(folder, { dependencies = {}, optionalDependencies = {} }, found) {
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const file = manifestFrom(folder, name)
    if (!file && name in optionalDependencies) continue
    if (!file) throw new Error(`${name}, which ${folder} depends on, is not installed`)
    const manifest = JSON.parse(readFileSync(file, 'utf8'))
    if (found.has(name)) continue
    found.set(name, manifest)
    collect(dirname(file), manifest, found)
  }
}

/** Searches in the same way as Node.js. */
function manifestFrom(folder, name) {
  for (let place = realpathSync(folder); ; place = dirname(place)) {
    const file = join(place, 'node_modules', name, 'package.json')
    if (existsSync(file)) return file
    if (place === dirname(place)) return undefined
  }
}

function licenceOf({ name, license }) {
  const names = typeof license === 'string' ? license.replace(/[()]/g, '').split(/ OR | AND /) : []
  if (names.length === 0 || names.some((one) => !accepted.includes(one))) {
    throw new Error(
      `${name} has the licence ${JSON.stringify(license)}, which is not in the list of scripts/notices.mjs`,
    )
  }
  return license
}

function homeOf({ name, homepage, repository }) {
  const url = homepage ?? (typeof repository === 'string' ? repository : repository?.url)
  if (!url) throw new Error(`${name} has neither a homepage nor a repository in its package.json`)
  const short = /^(?:github:)?([\w.-]+\/[\w.-]+)$/.exec(url)
  if (short) return `https://github.com/${short[1]}`
  return url
    .replace(/^git\+/, '')
    .replace(/^git:/, 'https:')
    .replace(/\.git$/, '')
    .replace(/#readme$/, '')
}
