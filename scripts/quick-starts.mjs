/**
 * The quick start of a package in several forms. `examples/quick-starts/<package>.mjs` is the form with `import`. The forms
 * for CommonJS and TypeScript are made from it, and also the install line, which names each imported package. `npm run docs`
 * writes them into the READMEs, and `npm run newcomer` follows the READMEs.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib.mjs'

/** Packages for tests. */
const tools = ['auth-testserver', 'auth-conformance']
/** The name of the program, if it is not a login. */
const programs = { 'auth-conformance': 'conformance' }
const importLine = /^import (\{ .+ \}) from '(.+)'$/

/** @param {string} name of the package's folder */
export function quickStartOf(name) {
  const file = join(root, 'examples', 'quick-starts', `${name}.mjs`)
  if (!existsSync(file)) throw new Error(`examples/quick-starts has no ${name}.mjs`)
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const count = lines.findIndex((line) => !importLine.test(line))
  const imports = lines.slice(0, count)
  const body = lines.slice(count + 1)
  if (count < 1 || lines[count] !== '' || body.some((line) => importLine.test(line)))
    throw new Error(`${file} must begin with its imports, each on one line, and an empty line`)
  const packages = imports.map((line) => importLine.exec(line)[2])
  const requires = imports.map((line) => line.replace(importLine, "const $1 = require('$2')"))
  return {
    // Our package comes first, the driver last.
    install: `npm install ${tools.includes(name) ? '--save-dev ' : ''}${[...new Set([`@x/${name}`, ...packages])].join(' ')}`,
    mjs: lines.join('\n'),
    cjs: [...requires, '', ...inMain(body, 'async function main() {')].join('\n'),
    ts: [...imports, '', ...inMain(body, 'async function main(): Promise<void> {')].join('\n'),
  }
}

/** CommonJS does not support await outside a function, and neither does TypeScript that is compiled to CommonJS. */
function inMain(body, head) {
  return [head, ...body.map((line) => (line ? `  ${line}` : line)), '}', '', 'main()']
}

/** The commands that compile and run the TypeScript form, in the folder of the install line. */
function typeScriptLines(program) {
  return [
    'npm install --save-dev typescript @types/node',
    `npx tsc --strict --module nodenext --types node --skipLibCheck ${program}.ts`,
    `node ${program}.js`,
  ].join('\n')
}

/** The text between the marks of a README. @param {string} name */
export function renderQuickStart(name) {
  const { install, mjs, cjs, ts } = quickStartOf(name)
  const fence = (language, text) => `\`\`\`${language}\n${text}\n\`\`\``
  const program = programs[name] ?? 'login'
  const folded = (title, text) => `<details><summary>${title}</summary>\n\n${text}\n\n</details>`
  return [
    fence('sh', install),
    '',
    `In \`${program}.mjs\`:`,
    '',
    fence('js', mjs),
    '',
    folded(`CommonJS: ${program}.cjs`, fence('js', cjs)),
    folded(`TypeScript: ${program}.ts`, `${fence('ts', ts)}\n\n${fence('sh', typeScriptLines(program))}`),
  ].join('\n')
}

/** Returns the README with its quick start, if it has a place for one. @param {string} text @param {string} file */
export function fillQuickStarts(text, file) {
  const place = /(<!-- quick start: ([\w-]+) -->\n)[\s\S]*?(<!-- end of quick start -->)/g
  return text.replace(place, (_, begin, name, end) => {
    try {
      return `${begin}${renderQuickStart(name)}\n${end}`
    } catch (error) {
      throw new Error(`${file}: ${error.message}`)
    }
  })
}

/**
 * Reads a quick start from a page: `{ install, program, mjs, cjs, ts, compile }`. `program` is the file name without its extension, `compile` the
 * commands for TypeScript.
 *
 * @param {string} text of a page
 */
export function readQuickStart(text) {
  const [, section] = /<!-- quick start: [\w-]+ -->\n([\s\S]*?)<!-- end of quick start -->/.exec(text) ?? []
  if (section === undefined) return undefined
  const [install, mjs, cjs, ts, compile] = [...section.matchAll(/```\w+\n([\s\S]*?)\n```/g)].map(
    ([, code]) => code,
  )
  const [, program] = /^In `(\w+)\.mjs`:$/m.exec(section) ?? []
  return { install, program, mjs, cjs, ts, compile: compile?.split('\n') ?? [] }
}
