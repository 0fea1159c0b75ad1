#!/usr/bin/env node
/**
 * `npm run docs:site`: the documents, the READMEs and the API as a site, in `.cache/site/dist`. A link that leads nowhere, to a
 * page or a heading, and a warning of typedoc are errors. `--no-api` leaves the API out, which takes most of the time.
 *
 * The pages are those of the repository, copied; what a page links to and is none itself (an example, a vector) is linked
 * in the repository. The forms of a quick start become tabs.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { deadAnchors } from '../site/dead-anchors.mjs'
import { landingPage } from '../site/landing.mjs'
import { headingsOf } from './anchors.mjs'
import { Checks, publicPackages, root, run } from './lib.mjs'
import { identity } from './manifests.mjs'
import { typedoc } from './typedoc.mjs'

const checks = new Checks()
const site = join(root, '.cache', 'site')
const packages = publicPackages().map(({ name }) => name.split('/')[1])
const withApi = !process.argv.includes('--no-api')

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
  // By its path: it has functions.
  const settings = relative(join(site, '.vitepress'), join(root, 'site', 'config.mjs'))
  put(
    '.vitepress/config.mjs',
    `import { config } from '${settings.replaceAll('\\', '/')}'\nexport default config(${JSON.stringify(packages)})\n`,
  )
  cpSync(join(root, 'site', 'theme'), join(site, '.vitepress', 'theme'), { recursive: true })
})
if (withApi) await checks.check('the API, by typedoc', () => typedoc(join(site, 'public', 'api')))
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
 * A link to a page leads to where the page is now; one to anything else, to the repository. Here a page has no file name, so a link that
 * says one says the title instead.
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

/** Pictures are part of the site. It does not look into `public`, so one that does not exist is an error here. */
function picture(file) {
  if (!existsSync(join(root, file))) throw new Error(`there is no picture ${file}`)
  cpSync(join(root, file), join(site, 'public', file))
  return `/${file}`
}

/** The folded forms of a quick start beside the first one. */
function tabsOf(text) {
  const place =
    /In `(\w+)\.mjs`:\n\n```js\n([\s\S]*?)\n```\n\n<details><summary>.*?<\/summary>\n\n```js\n([\s\S]*?)\n```\n\n<\/details>\n<details><summary>.*?<\/summary>\n\n```ts\n([\s\S]*?)\n```\n\n(```sh\n[\s\S]*?\n```)\n\n<\/details>/g
  return text.replace(
    place,
    (_, program, mjs, cjs, ts, compile) =>
      `::: code-group\n\`\`\`js [${program}.mjs]\n${mjs}\n\`\`\`\n\`\`\`js [${program}.cjs]\n${cjs}\n\`\`\`\n\`\`\`ts [${program}.ts]\n${ts}\n\`\`\`\n:::\n\nTo compile and run \`${program}.ts\`:\n\n${compile}`,
  )
}
