/**
 * The ids of headings, by GitHub's rule. The site uses the same rule (`site/config.mjs`), so a link works in both places.
 */

/** @param {string} heading its text, without marks of Markdown */
export function slug(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-')
}

/** Maps each id to the text of its heading in a page. @param {string} text Markdown */
export function headingsOf(text) {
  const prose = text.replace(/^( *)(`{3,}|~{3,})[\s\S]*?^\1\2 *$/gm, '')
  const headings = new Map()
  for (const [, marked] of prose.matchAll(/^#{1,6} (.*)$/gm)) {
    const heading = marked.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]|<[^>]*>/g, '')
    // A second heading with the same text gets a number.
    let id = slug(heading)
    for (let again = 1; headings.has(id); again++) id = `${slug(heading)}-${again}`
    headings.set(id, heading)
  }
  return headings
}

/** All targets of links in a page: its headings, and the ids that are written in it. @param {string} text Markdown */
export function anchorsOf(text) {
  return new Set([
    ...headingsOf(text).keys(),
    ...[...text.matchAll(/<a id="([\w-]+)">/g)].map(([, id]) => id),
  ])
}
