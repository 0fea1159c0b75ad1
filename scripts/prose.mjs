#!/usr/bin/env node
/**
 * Plain international English (docs/style.md): finds the phrases of the table below in documents, comments and texts of
 * programs. Prints `file:line: phrase: what to write instead`, and fails if it finds one.
 *
 *   node scripts/prose.mjs [FILE…]     without files: all that git knows node scripts/prose.mjs --write     corrects
 *   phrases that have one replacement
 *
 * The rules are few and exact, so that they do not reject a good sentence. This is our own program, because a prose
 * linter reads Markdown and would miss messages and comments. Code in a document and quoted code are skipped.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from './lib.mjs'

/**
 * `find` must be global. `write` tells a person what to write. `mend` is the replacement for --write, if one is nearly always right.
 * The rule must find one place in `bad` and none in `good`: both are tried before any file is read.
 */
export const rules = [
  {
    find: /\bcan not\b/gi,
    write: '"cannot"',
    mend: 'cannot',
    bad: 'It can not be read.',
    good: 'It cannot be read.',
  },
  {
    find: /\bfor ever\b/gi,
    write: '"forever", or what happens: "hangs", "never ends"',
    mend: 'forever',
    bad: 'It waits for ever.',
    good: 'It waits for every answer.',
  },
  {
    find: /\bshall\b/gi,
    write: '"must", "will" or "may"',
    bad: 'The name shall be given.',
    good: 'The name must be given.',
  },
  {
    find: /\bwho(?:so)?ever\b/gi,
    write: '"anyone who", "the one who", or the subject itself',
    mend: 'anyone who',
    bad: 'It is shown to whoever asks.',
    good: 'It is shown to anyone who asks.',
  },
  {
    find: /(?<!\b[Tt]here )\b(?:is|are|was|were) no (?!(?:longer|more|less|other|better|worse|different|lower|higher|larger|smaller|faster|slower|use|way|need|such|doubt)\b)[a-z]+/g,
    write: '"is not a …"',
    mend: withoutNo,
    bad: 'This is no file.',
    good: 'There is no file, and it is no longer read.',
  },
  {
    find: /\b(?:in vain|of old(?!\s[\s*]*[A-Za-z])|without a word(?! (?:of|about)\b)|ends well|(?:if|as) it likes)\b/gi,
    write: 'common words',
    bad: 'The port closes without a word.',
    good: 'A profile without a word about credentials, and line ends of old Macs.',
  },
  {
    find: /\b(?:whilst|hence|thereof|therein|wherein|whereupon|albeit|lest|upon)\b/gi,
    write: 'common words',
    bad: 'It has one byte, hence eight in all.',
    good: 'It has one byte, so eight in all.',
  },
  {
    find: /\b(?:anew|afresh)\b/gi,
    write: '"again"',
    mend: 'again',
    bad: 'It is read anew.',
    good: 'It is read again.',
  },
  {
    find: /\bdata[- ]centres?\b/gi,
    write: '"data center", as Cassandra and the driver (localDataCenter)',
    mend: (found) => found.replace(/centre/i, 'center'),
    bad: 'There is one data centre.',
    good: 'There is one data center.',
  },
  {
    find: /\bmend(?:s|ed|ing)?\b/gi,
    write: '"correct", "fix" or "repair"',
    bad: 'Mend the file.',
    good: 'Fix the file that you recommended.',
  },
  {
    find: /\bmerely\b/gi,
    write: '"only"',
    mend: 'only',
    bad: 'It is merely slow.',
    good: 'It is only slow.',
  },
  {
    find: /(?<!\b(?:are|is|were|was|be) )\ball the same\b/gi,
    write: '"anyway" or "still"',
    mend: 'anyway',
    bad: 'One that all the same ends is renewed.',
    good: 'They are all the same size. What others call the same.',
  },
  {
    find: /\bin (?:the )?place of\b/gi,
    write: '"instead of"',
    mend: 'instead of',
    bad: 'It answers READY in place of AUTH_SUCCESS.',
    good: 'It takes the place of the driver.',
  },
  {
    find: /(?<!\b(?:soon|far|long|deep) )\bas it is(?=[.,;:)]|$| told\b)/gim,
    write: '"unchanged", "as the server sends it", or what it is',
    bad: 'The name is sent as it is.',
    good: 'As soon as it is there, as far as it is known.',
  },
  {
    find: /(?<!\b(?:is|are) )\bno more(?=[.,;:)]|$| (?:after|when|where|what)\b)/gim,
    write: '"no longer", "nothing more" or "stops"',
    bad: 'The server trusts it no more.',
    good: 'It sends no more than one message; there is no more.',
  },
  {
    find: /\bof whom\b/gi,
    write: '"whose", or a sentence of its own',
    bad: 'The token of whom it is for.',
    good: 'The token of the one whom it is for.',
  },
  {
    find: /\bneed not\b/gi,
    write: '"does not have to"',
    bad: 'You need not name it.',
    good: 'You do not have to name it.',
  },
  {
    find: /\bbut for\b(?= (?:the|those|what|its?)\b)/gi,
    write: '"except"',
    bad: 'It ends all but for the oldest.',
    good: 'It is not for a client but for a server.',
  },
  {
    find: /\bto be had\b/gi,
    write: '"available"',
    bad: 'It is not to be had everywhere.',
    good: 'It is not available everywhere.',
  },
  {
    find: /\bin silence\b/gi,
    write: '"without a warning" or "silently"',
    mend: 'silently',
    bad: 'The driver ignores it in silence.',
    good: 'The driver ignores it silently.',
  },
  {
    find: /\bconnections that are open(?! now)\b/gi,
    write: '"open connections"',
    bad: 'Connections that are open stay.',
    good: 'Open connections stay; those that are open now are counted.',
  },
  {
    find: /\b(?:is|are|was|were) told of\b|\band (?:its|their) kin\b/gi,
    write: 'who tells it, in the active voice; "compatible servers", or their names',
    bad: 'A provider is told of the refusal.',
    good: 'The driver tells a provider of the refusal.',
  },
  {
    find: /(?:^|[.;!?] )Of (?:an?|the|each|those|these|this|all|several|our|its|their|[0-9]+) [^.,;:\n]{2,60}, (?!such\b|for\b)/gm,
    write: 'the subject first',
    bad: 'Of a login that ends, nothing stays.',
    good: 'Nothing stays of a login that ends. Of course, it ends.',
  },
  {
    find: /\bas (?:it|they) stands?(?=[.,;:)]|$)/gim,
    write: '"unchanged"',
    bad: 'The file is used as it stands.',
    good: 'It runs as it stands on the page.',
  },
  {
    find: /\b(?:outlives?|outlived|outlast(?:s|ed)?)\b/gi,
    write: '"lives longer than" or "stays after"',
    bad: 'A process outlives the suite.',
    good: 'A process lives longer than the suite.',
  },
  {
    find: /\bheld against\b/gi,
    write: '"compared with"',
    bad: 'Each profile is held against plain options.',
    good: 'Each profile is compared with plain options.',
  },
  {
    find: /(?:^|[.:;!?] )(?:(?:Never|Nor|Nowhere|Only then)|Not [a-z]+(?:ed|en|wn)) (?:is|are|was|were|does|do|did|has|have|can|will|must)\b/gi,
    write: 'the subject first',
    bad: 'Not given is the password.',
    good: 'The password is not given. Not everything was read.',
  },
]

for (const { find, bad, good } of rules) {
  const counts = [bad, good].map((text) => [...text.matchAll(find)].length)
  if (counts.join() !== '1,0')
    throw new Error(`the rule ${find} finds ${counts.join(' and ')} places in its examples`)
}

/** These texts are not ours, or are generated from texts that are checked. */
const notOurs =
  /^(?:upstream|vectors|interop\/.*\/vendor)\/|(?:^|\/)(?:LICENSE|NOTICE|CHANGELOG\.md|api\.txt|pnpm-lock\.yaml)$|^scripts\/prose\.mjs$/

if (process.argv[1]?.endsWith('prose.mjs')) {
  const asked = process.argv.slice(2).filter((argument) => argument !== '--write')
  const write = process.argv.includes('--write')
  const files =
    asked.length > 0
      ? asked
      : execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n')
  let count = 0
  for (const file of files.filter((each) => isOurs(each) && existsSync(join(root, each)))) {
    const text = readFileSync(join(root, file), 'utf8')
    const mended = write ? mend(file, text) : text
    if (mended !== text) writeFileSync(join(root, file), mended)
    for (const { line, found, write: better } of problemsOf(file, mended)) {
      console.log(`${file}:${line}: "${found}": write ${better}`)
      count++
    }
  }
  if (count > 0) {
    console.log(`${count} places; docs/style.md has the rules`)
    process.exitCode = 1
  }
}

function isOurs(file) {
  return /\.(?:md|[cm]?[jt]s)$/.test(file) && !notOurs.test(file)
}

/** @param {string} file its name decides how it is read @param {string} text */
export function problemsOf(file, text) {
  const prose = file.endsWith('.md') ? proseOfDocument(text) : proseOfProgram(text)
  return prose.flatMap(({ line, text: words }) =>
    rules.flatMap((rule) =>
      [...words.matchAll(rule.find)].map((match) => {
        const before = words.slice(0, match.index).split('\n').length - 1
        return { ...rule, line: line + before, found: match[0].trim() }
      }),
    ),
  )
}

/** @param {string} file @param {string} text */
export function mend(file, text) {
  const lines = text.split('\n')
  for (const { line, found, mend: better } of problemsOf(file, text)) {
    if (better === undefined) continue
    const plain = typeof better === 'function' ? better(found) : better
    const isCapital = found[0] !== found[0].toLowerCase()
    const word = isCapital ? plain[0].toUpperCase() + plain.slice(1) : plain
    lines[line - 1] = lines[line - 1].replace(new RegExp(`\\b${found}\\b`), word)
  }
  return lines.join('\n')
}

/** "is no file" → "is not a file". A plural and an uncountable word get no article. */
function withoutNo(found) {
  const [verb, , word] = found.split(' ')
  const isCounted =
    (verb === 'is' || verb === 'was') && !['text', 'base64', 'material', 'secret'].includes(word)
  const article = isCounted ? (/^(?:[aeio]|un)/.test(word) ? 'an ' : 'a ') : ''
  return `${verb} not ${article}${word}`
}

/** Removes the code; the line numbers stay the same. */
function proseOfDocument(text) {
  const blank = (code) => code.replace(/[^\n]/g, ' ')
  const words = text.replace(/^( *)```[\s\S]*?^ *```/gm, blank).replace(/`[^`\n]*`/g, blank)
  return words.split('\n').map((line, index) => ({ line: index + 1, text: line }))
}

/** Comments, and strings with a space: people read these. */
function proseOfProgram(source) {
  const file = ts.createSourceFile('x.ts', source, ts.ScriptTarget.Latest, true)
  const found = []
  const lineOf = (position) => file.getLineAndCharacterOfPosition(position).line + 1
  const seen = new Set()
  const comments = (node) => {
    for (const range of ts.getLeadingCommentRanges(source, node.getFullStart()) ?? []) {
      if (seen.has(range.pos)) continue
      seen.add(range.pos)
      const words = source.slice(range.pos, range.end).replace(/`[^`\n]*`/g, '')
      found.push({ line: lineOf(range.pos), text: words })
    }
  }
  const visit = (node) => {
    comments(node)
    const isText =
      ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)
    if (isText && node.text.includes(' ')) found.push({ line: lineOf(node.getStart()), text: node.text })
    ts.forEachChild(node, visit)
  }
  visit(file)
  comments(file.endOfFileToken)
  return found
}
