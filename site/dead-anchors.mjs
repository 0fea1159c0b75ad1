/** Finds links inside the built site whose anchor does not exist. VitePress checks only that the page exists. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'

/** @param {string} dist @returns {string[]} `page: link` of each */
export function deadAnchors(dist) {
  const ids = new Map()
  const idsOf = (file) => {
    if (!ids.has(file)) {
      const text = file ? readFileSync(join(dist, file), 'utf8') : ''
      ids.set(file, new Set([...text.matchAll(/\s(?:id|name)="([^"]+)"/g)].map(([, id]) => decoded(id))))
    }
    return ids.get(file)
  }
  return readdirSync(dist, { recursive: true })
    .filter((file) => file.endsWith('.html'))
    .map((file) => file.replaceAll('\\', '/'))
    .flatMap((file) => {
      const links = readFileSync(join(dist, file), 'utf8').matchAll(/<a\s[^>]*?href="([^":]*)#([^"]+)"/g)
      return [...links]
        .filter(
          ([, path, anchor]) => !idsOf(fileOf(file, decoded(path))).has(decodeURIComponent(decoded(anchor))),
        )
        .map(([, path, anchor]) => `${file}: ${path}#${anchor}`)
    })

  function fileOf(from, path) {
    if (path === '') return from
    const target = posix.join(path.startsWith('/') ? '/' : posix.dirname(`/${from}`), path).slice(1)
    return [target, `${target}.html`, posix.join(target, 'index.html')].find((each) =>
      statSync(join(dist, each), { throwIfNoEntry: false })?.isFile(),
    )
  }
}

function decoded(text) {
  return text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')
}
