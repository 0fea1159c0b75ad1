/**
 * Renders the parts of the documentation that come from code: `docs/errors.md` from the error tables, `docs/defaults.md` from
 * the declarations of the options, the table of `docs/authenticators.md` from core's list, `docs/findings.md` from the doctor's
 * table, the output of the doctor from its runs, every `<!-- snippet: FILE#REGION -->` from the region of a file that CI runs,
 * `packages/<name>/api.txt` from the shipped declarations, the data of the project in each package.json,
 * `packages/<name>/NOTICE` from the installed packages, and the quick starts. With --check nothing is written, and a difference
 * is a failure.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { chartsOf } from '../bench/lib/document.mjs'
import { environments } from '../compat/environments.mjs'
import { mutationPage } from '../mutation/lib/page.mjs'
import { anchorsOf } from './anchors.mjs'
import { renderApi } from './api.mjs'
import { argumentsOf } from './arguments.mjs'
import { wrongFirstTexts } from './changesets.mjs'
import { renderClauses, unprovenPromises } from './clauses.mjs'
import { missingGuideSnippets, unnoticedRenames } from './coming-from.mjs'
import { bagsByPackage, renderDefaults } from './defaults.mjs'
import { doctorOutput } from './doctor-output.mjs'
import { Checks, publicPackages, root, run } from './lib.mjs'
import { identity, manifestOf } from './manifests.mjs'
import { renderNotice } from './notices.mjs'
import { withoutBag } from './option-takers.mjs'
import { brokenPitfalls } from './pitfalls.mjs'
import { fillQuickStarts } from './quick-starts.mjs'
import { serviceSections } from './services.mjs'
import { fillSnippets } from './snippets.mjs'
import { wrongPromisesOfSupport } from './support.mjs'
import { testTools } from './test-tools.mjs'

const { check: checkOnly } = argumentsOf({ options: { check: { type: 'boolean', default: false } } }).values
const checks = new Checks()
const require = createRequire(import.meta.url)
const documentAddress = new RegExp(`${identity.repository}/blob/main/docs/([\\w/-]+\\.md)(#[\\w-]+)?`, 'g')

// This must run before any file of a package is loaded: it records the bags when they are made.
const allBags = bagsByPackage()
// These modules load packages.
const { allKinds } = await import('../interop/soak/declaration.mjs')
const { readData, rendered } = await import('../interop/soak/report/files.mjs')
const { renderFigures, renderJourneys, renderRecoveryTimes } = await import('./journeys.mjs')
const bags = allBags.filter(({ name }) => !testTools.includes(name))
await checks.check('docs/errors.md', () => write('docs/errors.md', renderErrors()))
await checks.check('every function that takes options declares them', () => {
  const packages = publicPackages().filter(({ name }) => !testTools.includes(name))
  const missing = withoutBag(packages, bags)
  if (missing.length > 0) throw new Error(missing.join('\n'))
})
await checks.check('every default has its reason, also in the test tools', () => void renderDefaults(allBags))
await checks.check('docs/defaults.md', () =>
  write('docs/defaults.md', between('docs/defaults.md', 'options', renderDefaults(bags))),
)
await checks.check('docs/authenticators.md', () => write('docs/authenticators.md', renderAuthenticators()))
await checks.check('docs/which-package.md', () =>
  write(
    'docs/which-package.md',
    between('docs/which-package.md', 'services', serviceSections('###').join('\n\n')),
  ),
)
await checks.check('docs/clauses.md', () =>
  write('docs/clauses.md', between('docs/clauses.md', 'clauses', renderClauses())),
)
await checks.check('docs/threat-model.md: each promise is linked to its check', () => {
  const unproven = unprovenPromises()
  if (unproven.length > 0) throw new Error(unproven.join('\n'))
})
await checks.check('docs/pitfalls.md: each code and each message of the driver exists', () => {
  const broken = brokenPitfalls(errorTables().flatMap(({ errorTable }) => Object.keys(errorTable)))
  if (broken.length > 0) throw new Error(broken.join('\n'))
})
await checks.check('docs/benchmarks: a chart for each table, with its numbers', () => {
  const page = readFileSync(join(root, 'docs/benchmarks.md'), 'utf8')
  const charts = chartsOf(page)
  for (const [name, svg] of charts) write(`docs/benchmarks/${name}`, svg)
  const pictured = [...page.matchAll(/\]\(benchmarks\/([\w.-]+)\)/g)].map(([, name]) => name)
  const names = charts.map(([name]) => name).sort()
  const there = readdirSync(join(root, 'docs/benchmarks')).sort()
  for (const [what, found] of Object.entries({
    'docs/benchmarks.md shows': pictured.sort(),
    'docs/benchmarks has': there,
  }))
    if (found.join(' ') !== names.join(' '))
      throw new Error(`${what} ${found.join(' ')}, and the rows are ${names.join(' ')}`)
})
await checks.check('docs/releases.md says what is tested and declared', () => {
  const wrong = wrongPromisesOfSupport()
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
})
await checks.check('.changeset: one text for each package before its first release', () => {
  const wrong = wrongFirstTexts()
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
})
await checks.check('docs/findings.md', () => {
  const { renderFindings } = require(join(root, 'packages/auth-doctor/dist/findings/page.js'))
  return write('docs/findings.md', between('docs/findings.md', 'findings', renderFindings()))
})
await checks.check('what the doctor prints', async () => {
  const { blocks, recording } = await doctorOutput()
  for (const [name, text] of Object.entries(blocks)) {
    write('packages/auth-doctor/README.md', between('packages/auth-doctor/README.md', name, text))
  }
  write('docs/doctor.svg', recording)
})
await checks.check('docs/migration.md: the journeys', () => {
  const file = 'docs/migration.md'
  write(file, between(file, 'figures', renderFigures()))
  write(file, between(file, 'journeys', renderJourneys(file)))
})
await checks.check('docs/credentials.md: the time until a change is used', () =>
  write('docs/credentials.md', between('docs/credentials.md', 'recovery times', renderRecoveryTimes())),
)
await checks.check('docs/mutation.md', () => {
  const summary = JSON.parse(readFileSync(join(root, 'mutation/summary.json'), 'utf8'))
  write('docs/mutation.md', mutationPage(summary, readFileSync(join(root, 'docs/mutation.md'), 'utf8')))
})
await checks.check('docs/soak.md and its picture say what docs/soak/run.json counted', async () => {
  const kinds = await allKinds()
  const texts = rendered(kinds, readData(join(root, 'docs'), kinds))
  for (const [place, text] of Object.entries(texts)) write(`docs/${place}`, text)
})
for (const file of markdownFiles()) {
  const before = readFileSync(join(root, file), 'utf8')
  if (before.includes('<!-- quick start:'))
    await checks.check(`quick start of ${file}`, () => write(file, fillQuickStarts(before, file)))
}
for (const file of markdownFiles()) {
  const before = readFileSync(join(root, file), 'utf8')
  if (before.includes('<!-- snippet:'))
    await checks.check(`snippets of ${file}`, () => write(file, fillSnippets(before, file)))
}
for (const published of publicPackages()) {
  const { name, folder, manifest } = published
  const manifestFile = relative(root, join(folder, 'package.json'))
  await checks.check(manifestFile, () =>
    write(manifestFile, manifestOf(folder, readFileSync(join(root, manifestFile), 'utf8'))),
  )
  const notice = relative(root, join(folder, 'NOTICE'))
  await checks.check(notice, () => write(notice, renderNotice(published)))
  await checks.check(`API of ${name}`, () =>
    write(relative(root, join(folder, 'api.txt')), renderApi(folder, manifest)),
  )
}
await checks.check('docs/coming-from/python.md has each snippet of the guides', () => {
  const missing = [...missingGuideSnippets(), ...unnoticedRenames()]
  if (missing.length > 0) throw new Error(missing.join('\n'))
})
await checks.check('docs/README.md leads to every document', () => {
  // A folder may have its own index.
  const indexes = [
    'docs',
    ...markdownFiles()
      .filter((file) => /^docs\/.+\/README\.md$/.test(file))
      .map(dirname),
  ]
  const missing = markdownFiles()
    .filter((file) => file.startsWith('docs/') && file !== 'docs/README.md')
    .filter((file) =>
      indexes.every(
        (folder) =>
          file === `${folder}/README.md` ||
          !readFileSync(join(root, folder, 'README.md'), 'utf8').includes(`](${relative(folder, file)})`),
      ),
    )
  if (missing.length > 0) throw new Error(missing.join('\n'))
})
await checks.check('README.md has a row for each environment: npm run compat -- --write', () => {
  const [, table] = /<!-- compat: .* -->\n([\s\S]*?)<!-- end of compat -->/.exec(
    readFileSync(join(root, 'README.md'), 'utf8'),
  )
  const shown = table
    .trim()
    .split('\n')
    .slice(2)
    .map((row) => row.split(' | ')[0].slice(2))
  const listed = environments.map(({ title }) => title)
  if (shown.join('\n') !== listed.join('\n')) throw new Error(`the table has:\n${shown.join('\n')}`)
})
await checks.check('every link between the documents leads somewhere', checkLinks)
await checks.check('texts for users name a document by its address', checkAddresses)
checks.finish()

function write(file, content) {
  const path = join(root, file)
  const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
  if (before === content) return
  if (checkOnly) throw new Error(`${file} is not what the code says; run: npm run docs`)
  writeFileSync(path, content)
  console.log(`  wrote ${file}`)
}

/**
 * Each code has a heading, so links and the search lead to it. If two packages have the same code, its address leads to the first.
 */
function renderErrors() {
  const sections = errorTables().flatMap(({ name, errorTable }) => [
    `## \`${name}\``,
    '',
    ...Object.entries(errorTable).flatMap(([code, { fault, summary, remedy }]) => [
      `### \`${code}\``,
      '',
      `*${fault}* · ${prose(summary)}`,
      '',
      `**What to do**: ${prose(remedy)}`,
      '',
    ]),
  ])
  return [
    '# Errors',
    '',
    '<!-- Rendered from the error tables by `npm run docs`; do not edit. -->',
    '',
    'Each error of our packages has a code. This page lists the codes, with what happened and what to do.',
    '',
    '`findAuthError(error)` of `@x/auth-core` finds such an error inside what the driver throws. Compare its `code`, not its text: a code',
    'changes only in a major version. The word before each text is the `fault`, which says who has to act: `config` (correct the code or its',
    'options), `credentials` (correct the secret), `peer` (the server broke the protocol), `unsupported` (client and server have nothing in common),',
    '`unverified` (a server or a client did not prove who it is), `timeout`, `internal` (a mistake in our code: please report it).',
    '',
    ...sections,
  ]
    .join('\n')
    .replace(/\n+$/, '\n')
}

/** Replaces the address of a document with a link to the page in the same folder. */
function prose(text) {
  return text.replace(documentAddress, (_, file, anchor = '') => {
    const [, title] = /^# (.*)$/m.exec(readFileSync(join(root, 'docs', file), 'utf8'))
    return `[${title}](${file}${anchor})`
  })
}

/** The error tables of the packages that have one. */
function errorTables() {
  return publicPackages().flatMap(({ name, folder }) => {
    const file = join(folder, 'dist', 'errors.js')
    if (!existsSync(file)) return []
    const { errorTable } = require(file)
    return errorTable ? [{ name, errorTable }] : []
  })
}

function renderAuthenticators() {
  const { knownAuthenticators } = require(join(root, 'packages/auth-core/dist/known-authenticators.js'))
  const rows = knownAuthenticators.map(({ className, product, takes, use, source }) => {
    const [link, ...note] = source.split(' ')
    const mechanisms = takes === 'any' ? 'any' : takes.join(', ') || 'none'
    return `| \`${className}\` | ${product} | ${mechanisms} | ${cell(use)} | [link](${link})${['', ...note].join(' ')} |`
  })
  const table = [
    '| authenticator | product | takes | use | source |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
  return between('docs/authenticators.md', 'known authenticators', table)
}

/** Returns the page with this content between its comments of that name. The text around them stays. */
function between(file, name, content) {
  const before = readFileSync(join(root, file), 'utf8')
  const place = new RegExp(`(<!-- ${name}: .* -->\\n)[\\s\\S]*?(<!-- end of ${name} -->)`)
  if (!place.test(before)) throw new Error(`${file} has no place for ${name}`)
  return before.replace(place, (_, begin, end) => `${begin}${content}\n${end}`)
}

function cell(text) {
  return text.replaceAll('|', '\\|')
}

function markdownFiles() {
  return run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'])
    .stdout.split('\n')
    .filter(Boolean)
}

/** Checks that each link leads to a file, and to a heading in it. */
function checkLinks() {
  const broken = markdownFiles().flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    return [...text.matchAll(/\]\(([^)#\s]*)(?:#([^)\s]*))?\)/g)]
      .filter(([, target, anchor]) => (target || anchor) && !/^[a-z]+:/.test(target))
      .filter(([, target, anchor]) => {
        const path = target ? join(root, file, '..', target) : join(root, file)
        if (!existsSync(path)) return true
        return anchor && path.endsWith('.md') && !anchorsOf(readFileSync(path, 'utf8')).has(anchor)
      })
      .map(([, target, anchor]) => `${file}: ${target}${anchor ? `#${anchor}` : ''}`)
  })
  const texts = publicPackages().flatMap(({ folder }) => sourcesIn(join(folder, 'src')))
  for (const file of texts)
    for (const [address, document, hash] of readFileSync(file, 'utf8').matchAll(documentAddress)) {
      const path = join(root, 'docs', document)
      if (!existsSync(path) || (hash && !anchorsOf(readFileSync(path, 'utf8')).has(hash.slice(1))))
        broken.push(`${relative(root, file)}: ${address}`)
    }
  if (broken.length > 0) throw new Error(`broken links:\n${broken.join('\n')}`)
}

/** A reader of a log or a terminal does not have the repository, so the text must contain the address. Comments are not checked. */
function checkAddresses() {
  const bare = publicPackages()
    .filter(({ name }) => !testTools.includes(name))
    .flatMap(({ folder }) => sourcesIn(join(folder, 'src')))
    .flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .map((line, index) => [line, `${relative(root, file)}:${index + 1}`])
        .filter(
          ([line]) => !/^\s*(\/?\*|\/\/)/.test(line) && /(?<!\/blob\/main\/)\bdocs\/[\w/-]+\.md/.test(line),
        )
        .map(([, place]) => place),
    )
  if (bare.length > 0) throw new Error(`say the address, not the path:\n${bare.join('\n')}`)
}

function sourcesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file))
}
