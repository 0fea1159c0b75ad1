import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bounded, hunksOf } from '../lib/changed.mjs'
import { batches, learn, outOfTime } from '../lib/jest-by-file.mjs'
import { identify } from '../lib/mutants.mjs'
import { newSurvivors, outcomesOf, retried, scoreOf, verdictOf, wrongEquivalents } from '../lib/outcome.mjs'
import { filesOfAreas } from '../lib/places.mjs'
import { isProse } from '../lib/prose-ignorer.mjs'
import { drawn, interval } from '../lib/sample.mjs'

const identity = {
  file: 'a.ts',
  mutator: 'BooleanLiteral',
  original: 'true',
  replacement: 'false',
  line: 'x = true',
}
const position = { line: 3, column: 5 }
/** @param {object} more @returns {any} */
const result = (more) => ({
  ...identity,
  start: position,
  end: position,
  status: 'Killed',
  covered: true,
  counted: false,
  ...more,
})

const results = [
  result({}),
  result({ status: 'RuntimeError' }),
  result({ status: 'Timeout' }),
  result({ status: 'Survived' }),
  result({ status: 'NoCoverage', covered: false, line: 'y = true' }),
  result({ status: 'Ignored', ignored: 'static' }),
  result({ status: 'Ignored', ignored: 'sentence' }),
]
const summary = { files: outcomesOf(results, '2026-01-01') }

test('a survivor and a mutant without a test lower the score, a time-out is counted separately', () => {
  const { survivors: _, ...numbers } = summary.files['a.ts']
  assert.deepEqual(numbers, { measured: '2026-01-01', killed: 2, timedOut: 1, notRun: 1 })
  const { mutants, score, survived, uncovered } = scoreOf(summary, ['a.ts'], [])
  assert.deepEqual(
    { mutants, score, survived, uncovered },
    { mutants: 5, score: 60, survived: 1, uncovered: 1 },
  )
})

test('an equivalent mutant does not lower the score', () => {
  const entry = { ...identity, reason: 'nobody reads it' }
  assert.equal(scoreOf(summary, ['a.ts'], [entry]).score, 75)
  assert.deepEqual(wrongEquivalents(summary, [entry], noSource), [])
})

const noSource = () => assert.fail('a file that was measured whole is not read')

test('an entry of the list that matches nothing or two lines, or has no reason, is an error', () => {
  const entry = { ...identity, reason: 'because' }
  const { line: _, ...anywhere } = entry
  const wrong = (/** @type {any} */ each) => wrongEquivalents(summary, [each], noSource)[0]
  assert.match(wrong({ ...entry, original: 'gone' }), /delete the entry/)
  assert.match(wrong(anywhere), /say which by 'line'/)
  assert.match(wrong({ ...entry, reason: '' }), /say why/)
})

test('an entry of a file that was not measured whole names a line that the file has', () => {
  const entry = { ...identity, reason: 'because' }
  const { line: _, ...anywhere } = entry
  const wrong = (/** @type {any} */ each) => wrongEquivalents({ files: {} }, [each], () => 'a\n  x = true\n')
  assert.deepEqual(wrong(entry), [])
  assert.match(wrong({ ...entry, line: 'x' })[0], /no such line; delete the entry/)
  assert.match(wrong(anywhere)[0], /say the line/)
  assert.match(wrong({ ...entry, reason: '' })[0], /say why/)
})

test('a survivor is new unless it is equivalent or in the summary, even if its line has moved', () => {
  const survivor = { ...identity, at: 99, covered: true }
  assert.deepEqual(newSurvivors([survivor], summary, []), [])
  const other = { ...survivor, line: 'z = true' }
  assert.deepEqual(newSurvivors([other], summary, []), [other])
  assert.deepEqual(newSurvivors([other], summary, [{ ...other, reason: 'because' }]), [])
})

test('an unknown status does not count as a kill', () => {
  assert.throws(() => outcomesOf([result({ status: 'Pending' })], ''), /Pending/)
})

test('a mutant is identified by its text', () => {
  const location = { start: { line: 2, column: 6 }, end: { line: 3, column: 2 } }
  const { original, line } = identify('a.ts', 'a\n  if (b) {\n}\n', { mutatorName: 'x', location })
  assert.deepEqual({ original, line }, { original: '(b) { }', line: 'if (b) {' })
})

test('the lines that a change adds, not those it deletes', () => {
  const diff = '@@ -1,2 +1,0 @@\n-a\n@@ -5 +4 @@ f\n-b\n+c\n@@ -9,0 +10,3 @@\n+d\n'
  assert.deepEqual(hunksOf(diff), [
    [4, 4],
    [10, 12],
  ])
})

test('of too many mutants always the same ones are chosen, from the whole list', () => {
  const many = Array.from({ length: 100 }, (_, index) => result({ line: String(index) }))
  const { mutants, why } = bounded(many, 'of a change', 4)
  assert.deepEqual(
    mutants.map(({ line }) => line),
    ['0', '25', '50', '75'],
  )
  assert.match(why, /^4 of 100 /)
})

test('the same seed chooses the same mutants after lines moved, another seed chooses others', () => {
  const many = Array.from({ length: 100 }, (_, index) => result({ line: String(index) }))
  const lines = (/** @type {any[]} */ of) => of.map(({ line }) => line)
  const moved = many.map((mutant) => ({ ...mutant, start: { line: 9, column: 1 } })).reverse()
  assert.equal(drawn(many, 5, 'a').length, 5)
  assert.deepEqual(lines(drawn(many, 5, 'a')), lines(drawn(moved, 5, 'a')))
  assert.notDeepEqual(lines(drawn(many, 5, 'a')), lines(drawn(many, 5, 'b')))
})

test('a survivor that is killed now counts as killed, one that did not run again stays', () => {
  const outcomes = () => Object.entries(outcomesOf(results, ''))
  const again = (/** @type {any[]} */ of) => {
    const now = outcomes()
    const left = retried(now, of, [])
    return [now[0][1].killed, now[0][1].timedOut, left.map(({ line }) => line)]
  }
  assert.deepEqual(again([result({})]), [3, 1, ['y = true']])
  assert.deepEqual(again([result({ status: 'Timeout' })]), [2, 2, ['y = true']])
  assert.deepEqual(again([result({}), result({ status: 'Survived' })]), [2, 1, ['x = true', 'y = true']])
  assert.deepEqual(again([]), [2, 1, ['x = true', 'y = true']])
})

test("Wilson's interval of a sample", () => {
  assert.deepEqual(interval(95, 100), [88.8, 97.9])
  assert.deepEqual(interval(100, 100), [96.3, 100])
  assert.deepEqual(interval(0, 0), [0, 100])
})

test('an area names files that exist, each once', () => {
  assert.ok(filesOfAreas().size > 50)
  const area = { name: 'a', goal: 95, places: ['packages/auth-core/src/no-such-file.ts'] }
  assert.throws(() => filesOfAreas([area]), /no-such-file/)
  const two = { ...area, places: ['packages/auth-core/src/base.ts'] }
  assert.throws(() => filesOfAreas([two, { ...two, name: 'b' }]), /in two areas: a and b/)
})

test('a sentence is not mutated, a name and a computed text are', () => {
  const text = (/** @type {string} */ value) => ({ type: 'StringLiteral', value })
  assert.equal(isProse(text('The server sent no proof.')), true)
  assert.equal(isProse(text('SCRAM-SHA-256')), false)
  assert.equal(isProse(text('n,a=')), false)
  const quasis = [{ value: { raw: 'The file ' } }, { value: { raw: ' is not there.' } }]
  const template = (/** @type {object} */ expression) => ({
    type: 'TemplateLiteral',
    quasis,
    expressions: [expression],
  })
  assert.equal(isProse(template({ type: 'Identifier' })), true)
  assert.equal(isProse(template({ type: 'ConditionalExpression' })), false)
})

test('first the file that killed most for its time, then the cheap ones, and finally all of them', () => {
  const tests = [
    { id: 'a', fileName: 'dear', timeSpentMs: 9_000 },
    { id: 'b', fileName: 'cheap', timeSpentMs: 5 },
    { id: 'a', fileName: 'fair', timeSpentMs: 100 },
    { id: 'c', fileName: 'other', timeSpentMs: 1 },
  ]
  const learnt = learn(tests)
  assert.deepEqual(batches(['a', 'b'], learnt, {}), [['cheap'], ['fair'], ['dear']])
  assert.deepEqual(batches(['a', 'b'], learnt, { fair: 4, dear: 9 }), [['fair'], ['cheap'], ['dear']])
  assert.deepEqual(batches(['c'], learnt, { dear: 3 }), [['other']])
  assert.equal(batches(['unknown'], learnt, {}), undefined)
})

test('a test that jest stopped is a time-out, and a test that failed is a kill', () => {
  const failureMessage = 'thrown: "Exceeded timeout of 15000 ms for a test.'
  assert.equal(outOfTime({ status: 'killed', failureMessage }), true)
  assert.equal(outOfTime({ status: 'killed', failureMessage: 'expected 1 to be 2' }), false)
  assert.equal(outOfTime({ status: 'survived' }), false)
})

test('a mutant that did not run has not passed: neither a skipped one nor one without a result', () => {
  const of = (/** @type {object} */ more) => ({ ...identity, line: 'asked for', ...more })
  const asked = [
    of({ original: 'killed' }),
    of({ original: 'static' }),
    of({ original: 'sentence' }),
    of({ original: 'lost' }),
    of({ original: 'new' }),
  ]
  const answers = [
    result(of({ original: 'killed' })),
    result(of({ original: 'static', status: 'Ignored', ignored: 'static' })),
    result(of({ original: 'sentence', status: 'Ignored', ignored: 'sentence' })),
    result(of({ original: 'new', status: 'Survived' })),
    result(of({ original: 'beside', status: 'Survived' })),
  ]
  const { passed, fresh, notRun } = verdictOf(asked, answers, { files: {} }, [])
  assert.deepEqual([passed, fresh.map(({ original }) => original), notRun], [1, ['new'], 3])
})
