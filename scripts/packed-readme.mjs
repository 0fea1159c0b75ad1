#!/usr/bin/env node
/**
 * `prepack` and `postpack` of every package: changes the relative links of its README into addresses while it is packed,
 * because a registry shows that page outside the repository. `--undo` restores the page.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './lib.mjs'
import { identity } from './manifests.mjs'

/** The page with addresses instead of relative links. @param {string} text @param {string} folder of the page, from the root */
export function withAddresses(text, folder) {
  return text.replace(/\]\(([^)\s]+)\)/g, (link, target) => {
    if (/^[a-z][a-z+.-]*:|^#/i.test(target)) return link
    const [path, anchor] = target.split('#')
    const file = posix.join(folder, path)
    const kind = statSync(join(root, file)).isDirectory()
      ? 'tree'
      : /\.(png|svg)$/.test(file)
        ? 'raw'
        : 'blob'
    return `](${identity.repository}/${kind}/main/${file}${anchor ? `#${anchor}` : ''})`
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const name = basename(process.cwd())
  const saved = join(root, 'node_modules', '.cache', 'x-auth-readme', `${name}.md`)
  const page = `packages/${name}`
  // This also runs before packing, because an earlier run may have been interrupted. A page that was edited since then
  // is not changed.
  if (existsSync(saved)) {
    const text = readFileSync(saved, 'utf8')
    if (readFileSync('README.md', 'utf8') === withAddresses(text, page)) writeFileSync('README.md', text)
    rmSync(saved)
  }
  if (!process.argv.includes('--undo')) {
    const text = readFileSync('README.md', 'utf8')
    mkdirSync(dirname(saved), { recursive: true })
    writeFileSync(saved, text)
    writeFileSync('README.md', withAddresses(text, page))
  }
}
