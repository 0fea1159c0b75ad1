#!/usr/bin/env node
/**
 * Plain international English (docs/style.md): finds the constructions of the table below in documents, in comments, and in
 * the texts of programs. Prints `file:line: what is there: what to write`, and fails if there is one.
 *
 *   node scripts/prose.mjs [FILE…]     without files: all that git knows
 *
 * The rules are few and exact, so that nobody is stopped for a good sentence. A program of its own, since a linter for
 * prose reads Markdown and would miss messages and comments. Code in a document is skipped, and so is quoted code.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from './lib.mjs'

/** `find`: must be global, and say all in the one match that is shown. `write`: what takes its place. */
export const rules = [
  { find: /\bcan not\b/gi, write: 'cannot' },
  { find: /\bfor ever\b/gi, write: 'forever, or what happens: "hangs", "never ends"' },
  { find: /\bshall\b/gi, write: '"must", "will" or "may"' },
  { find: /\bwho(so)?ever\b/gi, write: '"anyone who", "the one who", or the subject itself' },
  // "There is no name" and "it is no longer used" are good English; "this is no name" is not.
  {
    find: /(?<!\b[Tt]here )\b(?:is|are|was|were) no (?!longer|more\b|less\b|other\b|better\b|worse\b|different\b|use\b|way\b)[a-z]+/g,
    write: '"is not a …"',
  },
  { find: /\b(?:in vain|of old|without a word|ends well|(?:if|as) it likes)\b/gi, write: 'common words' },
  {
    find: /\b(?:whilst|hence|thereof|therein|wherein|whereupon|albeit|lest|upon|anew|afresh)\b/gi,
    write: 'common words',
  },
  {
    find: /(?:^|[.:;!?] )(?:Not|Never|Nor|Nowhere|Neither|Only then)(?: [a-z]+)? (?:is|are|was|were|does|do|did|has|have|can|will|must)\b/gi,
    write: 'the subject first',
  },
]

/** Their words are not ours, or made from others that are checked. */
const notOurs =
  /^(?:upstream|vectors|interop\/.*\/vendor)\/|(?:^|\/)(?:LICENSE|NOTICE|CHANGELOG\.md|api\.txt|pnpm-lock\.yaml)$|^scripts\/prose(?:\.test)?\.mjs$/

if (process.argv[1]?.endsWith('prose.mjs')) {
  const asked = process.argv.slice(2)
  const files =
    asked.length > 0
      ? asked
      : execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n')
  const found = files
    .filter(
      (file) => /\.(?:md|[cm]?[jt]s)$/.test(file) && !notOurs.test(file) && existsSync(join(root, file)),
    )
    .flatMap((file) => problemsOf(file, readFileSync(join(root, file), 'utf8')))
  for (const line of found) console.log(line)
  if (found.length > 0) {
    console.log(`${found.length} places; docs/style.md has the rules`)
    process.exitCode = 1
  }
}

/** @param {string} file @param {string} text @returns {string[]} */
export function problemsOf(file, text) {
  const prose = file.endsWith('.md') ? proseOfDocument(text) : proseOfProgram(text)
  return prose.flatMap(({ line, text: words }) =>
    rules.flatMap(({ find, write }) =>
      [...words.matchAll(find)].map((match) => {
        const before = words.slice(0, match.index).split('\n').length - 1
        return `${file}:${line + before}: "${match[0].trim()}": write ${write}`
      }),
    ),
  )
}

/** Without code; the lines stay where they are. */
function proseOfDocument(text) {
  const blank = (code) => code.replace(/[^\n]/g, ' ')
  const words = text.replace(/^( *)```[\s\S]*?^ *```/gm, blank).replace(/`[^`\n]*`/g, blank)
  return words.split('\n').map((line, index) => ({ line: index + 1, text: line }))
}

/** Comments, and strings with a space in them: those are what somebody reads. */
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
