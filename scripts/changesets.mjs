/**
 * Checks what the next change logs will say. Before the first release of a package it has no users, so no change has to be described.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publicPackages, root } from './lib.mjs'

/**
 * Returns a line for each unreleased package that does not have exactly one text. That text says what the package is.
 */
export function wrongFirstTexts() {
  const folder = join(root, '.changeset')
  const changesets = readdirSync(folder)
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => [file, readFileSync(join(folder, file), 'utf8')])
  return publicPackages()
    .filter(({ manifest }) => manifest.version === '0.0.0')
    .flatMap(({ name }) => {
      const about = changesets.filter(([, text]) => new RegExp(`^['"]?${name}['"]?:`, 'm').test(text))
      const [first] = about.filter(([, text]) => /^---\n[^\n]*\n---\n\nFirst release\. /.test(text))
      if (!first) return [`${name} has no changeset that begins with 'First release.' and is about it alone`]
      return about.length === 1
        ? []
        : [
            `${name} is not released: what these say belongs into ${first[0]}: ${about
              .map(([file]) => file)
              .filter((file) => file !== first[0])
              .join(', ')}`,
          ]
    })
}
