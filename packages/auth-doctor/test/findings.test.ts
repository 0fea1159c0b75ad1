import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorTable as authErrors } from '@x/auth-core/base'
import { errorTable as saslErrors } from '@x/auth-sasl'
import { errorTable as sigV4Errors } from '@x/auth-sigv4'
import { errorTable as tlsErrors } from '@x/tls-profiles'
import { pageOf } from '../src/findings/finding.js'
import { renderFindings } from '../src/findings/page.js'
import { type FindingCode, findingTable, ownCodes } from '../src/findings/table.js'

const root = join(__dirname, '../../..')
const page = readFileSync(join(root, 'docs/findings.md'), 'utf8')

const documents = 'https://github.com/x/auth/blob/main/docs'

test('docs/findings.md says what the table says: npm run docs', () => {
  expect(page).toContain(renderFindings())
})

test('a finding names where its code is explained, and the heading is there', () => {
  const errors = readFileSync(join(root, 'docs/errors.md'), 'utf8')
  for (const code of Object.keys(findingTable) as FindingCode[]) {
    const anchor = code.toLowerCase()
    const isOwn = (ownCodes as readonly string[]).includes(code)
    expect(pageOf(code)).toBe(`${documents}/${isOwn ? 'findings' : 'errors'}.md#${anchor}`)
    if (!isOwn) expect(errors).toContain(`\n### \`${code}\`\n`)
  }
})

test('no code of the doctor is one of another package, which means something else', () => {
  const others = [authErrors, saslErrors, sigV4Errors, tlsErrors].flatMap((table) => Object.keys(table))
  expect(ownCodes.filter((code) => others.includes(code))).toEqual([])
})

test.each(ownCodes)('%s: a summary of one sentence, and what to do', (code) => {
  const { summary, remedy } = findingTable[code]
  expect(summary).toMatch(/^[A-Z].*\.$/)
  expect(remedy).toMatch(/\S+\.?$/)
})
