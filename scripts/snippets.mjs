/** Fills every `<!-- snippet: FILE#REGION -->` of a page from the region of a file that CI runs. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib.mjs'

/** @param {string} text of a page @param {string} file its name, for errors */
export function fillSnippets(text, file) {
  return text.replace(
    /(<!-- snippet: (\S+?)#(\S+) -->\n)```(\w*)\n[\s\S]*?\n?```/g,
    (_, marker, source, region, language) => {
      return `${marker}\`\`\`${language}\n${regionOf(source, region, file)}\n\`\`\``
    },
  )
}

function regionOf(source, region, file) {
  const path = join(root, source)
  if (!existsSync(path)) throw new Error(`${file} takes a snippet from ${source}, which does not exist`)
  const lines = readFileSync(path, 'utf8').split('\n')
  const start = lines.findIndex((line) => line.trim().endsWith(`#region ${region}`))
  const end = lines.findIndex((line, index) => index > start && line.trim().endsWith(`#endregion ${region}`))
  if (start < 0 || end < 0) throw new Error(`${source} has no region ${region}, which ${file} shows`)
  const body = lines.slice(start + 1, end)
  const indent = Math.min(...body.filter((line) => line.trim()).map((line) => line.search(/\S/)))
  return body.map((line) => line.slice(indent)).join('\n')
}
