#!/usr/bin/env node
/**
 * `npm run docs:site`: builds the documents, the READMEs and the API as a site, in `.cache/site/dist`. A dead link to a page or
 * a heading is an error, and so is a warning of typedoc. `--no-api` skips the API, which takes most of the time.
 *
 * The pages are copied from the repository. A link to something that is not a page (an example, a vector) leads to the
 * repository. The forms of a quick start become tabs.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { deadAnchors } from '../site/dead-anchors.mjs'
import { landingPage } from '../site/landing.mjs'
import { headingsOf } from './anchors.mjs'
import { argumentsOf } from './arguments.mjs'
import { Checks, publicPackages, root, run } from './lib.mjs'
import { identity } from './manifests.mjs'
import { typedoc } from './typedoc.mjs'

const checks = new Checks()
const site = join(root, '.cache', 'site')
const packages = publicPackages().map(({ name }) => name.split('/')[1])
const { 'no-api': withoutApi } = argumentsOf({
  options: { 'no-api': { type: 'boolean', default: false } },
}).values

rmSync(site, { recursive: true, force: true })
const pages = run('git', [
  'ls-files',
  '--cached',
  '--others',
  '--exclude-standard',
  'docs/*.md',
  'packages/*/README.md',
  'interop/*.md',
  '*.md',
])
  .stdout.trim()
  .split('\n')
  .filter((file) =>
    /^(?:docs\/.*|packages\/[\w-]+\/README|interop\/.*|CONTRIBUTING|SECURITY)(?:\.md)?$/.test(file),
  )
await checks.check(`${pages.length} pages`, () => {
  for (const page of pages) put(placeOf(page), pageOf(page))
  put('index.md', linksOf('docs/which-package.md', landingPage()))
  // Imported by its path, because it contains functions.
  const settings = relative(join(site, '.vitepress'), join(root, 'site', 'config.mjs'))
  put(
    '.vitepress/config.mjs',
    `import { config } from '${settings.replaceAll('\\', '/')}'\nexport default config(${JSON.stringify(packages)})\n`,
  )
  cpSync(join(root, 'site', 'theme'), join(site, '.vitepress', 'theme'), { recursive: true })
})
if (!withoutApi) await checks.check('the API, by typedoc', () => typedoc(join(site, 'public', 'api')))
await checks.check('VitePress, without a dead link', () => {
  const built = run(process.execPath, [
    join(root, 'site/node_modules/vitepress/bin/vitepress.js'),
    'build',
    site,
    '--outDir',
    join(site, 'dist'),
  ])
  if (/warn/i.test(built.output)) return { ...built, ok: false }
  return built
})
await checks.check('every anchor is there', () => {
  const dead = deadAnchors(join(site, 'dist'))
  if (dead.length > 0) throw new Error(dead.join('\n'))
})
checks.finish()

function put(file, text) {
  mkdirSync(dirname(join(site, file)), { recursive: true })
  writeFileSync(join(site, file), text)
}

function placeOf(page) {
  return page.replace(/README\.md$/, 'index.md')
}

function pageOf(page) {
  const text = readFileSync(join(root, page), 'utf8')
  return linksOf(page, tabsOf(text))
}

/**
 * A link to a page leads to the page of the site; a link to anything else leads to the repository. Pages of the site have no file names,
 * so a link whose text is a file name shows the title instead.
 */
function linksOf(page, text) {
  return titlesOf(page, text).replace(/\]\(([^)\s]+)\)/g, (link, target) => {
    if (/^[a-z][a-z+.-]*:|^#/i.test(target)) return link
    const { file, known, hash } = placeOfLink(page, target)
    if (/\.(svg|png)$/.test(file)) return `](${picture(file)})`
    if (known) return `](/${placeOf(known)}${hash})`
    return `](${identity.repository}/blob/main/${file}${hash})`
  })
}

function titlesOf(page, text) {
  return text.replace(/\[`?[\w./-]+\.md`?\]\(([^)\s:]+)\)/g, (link, target) => {
    const { known, hash } = placeOfLink(page, target)
    if (!known) return link
    const headings = headingsOf(readFileSync(join(root, known), 'utf8'))
    return `[${headings.get(hash.slice(1)) ?? [...headings.values()][0]}](${target})`
  })
}

function placeOfLink(page, target) {
  const [path, anchor] = target.split('#')
  const file = posix.join(posix.dirname(page), path)
  const known = [file, posix.join(file, 'README.md')].find((each) => pages.includes(each))
  return { file, known, hash: anchor ? `#${anchor}` : '' }
}

/** Pictures are part of the site. VitePress does not check `public`, so a missing picture is an error here. */
function picture(file) {
  if (!existsSync(join(root, file))) throw new Error(`there is no picture ${file}`)
  cpSync(join(root, file), join(site, 'public', file))
  return `/${file}`
}

/** Puts the folded forms of a quick start into tabs, together with the first one. */
function tabsOf(text) {
  const place =
    /In `(\w+)\.mjs`:\n\n```js\n([\s\S]*?)\n```\n\n<details><summary>.*?<\/summary>\n\n```js\n([\s\S]*?)\n```\n\n<\/details>\n<details><summary>.*?<\/summary>\n\n```ts\n([\s\S]*?)\n```\n\n(```sh\n[\s\S]*?\n```)\n\n<\/details>/g
  return text.replace(
    place,
    (_, program, mjs, cjs, ts, compile) =>
      `::: code-group\n\`\`\`js [${program}.mjs]\n${mjs}\n\`\`\`\n\`\`\`js [${program}.cjs]\n${cjs}\n\`\`\`\n\`\`\`ts [${program}.ts]\n${ts}\n\`\`\`\n:::\n\nTo compile and run \`${program}.ts\`:\n\n${compile}`,
  )
}
