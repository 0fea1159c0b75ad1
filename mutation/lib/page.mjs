/** The tables of docs/mutation.md, from the kept summary. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { areas, others } from '../areas.mjs'
import { equivalent } from '../equivalent.mjs'
import { scoreOf, wrongEquivalents } from './outcome.mjs'
import { allSources, areaOf, filesOfAreas } from './places.mjs'
import { root } from './repository.mjs'
import { interval } from './sample.mjs'

/** @param {import('./outcome.mjs').Summary} summary @param {string} before the page before the change */
export function mutationPage(summary, before) {
  const wrong = wrongEquivalents(summary, equivalent, (file) => readFileSync(join(root, file), 'utf8'))
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
  const place = /(<!-- mutation: .* -->\n)[\s\S]*?(<!-- end of mutation -->)/
  if (!place.test(before)) throw new Error('docs/mutation.md has no place for the tables')
  return before.replace(place, (_, begin, end) => `${begin}${tables(summary)}\n${end}`)
}

/** @param {import('./outcome.mjs').Summary} summary */
function tables(summary) {
  const files = areaFiles()
  const rows = [...files].map(([area, of]) => {
    const whole = of.filter((file) => summary.files[file])
    const sample = whole.length < of.length ? summary.samples?.[area.name] : undefined
    if (whole.length === 0 && !sample)
      return `| ${area.name} | 0 of ${of.length} | | | | | | | | not measured | ${area.goal} |`
    const measured = sample ? Object.keys(sample.files) : whole
    const {
      mutants,
      killed,
      timedOut,
      survived,
      uncovered,
      equivalent: same,
      notRun,
      score,
    } = scoreOf(sample ?? summary, measured, equivalent)
    const [from, to] = interval(killed + timedOut, mutants - same)
    const range = sample && !sample.retried ? ` (${from} to ${to})` : ''
    const what = sample ? `a sample of the ${sample.of} mutants` : `${measured.length} of ${of.length}`
    return `| ${area.name} | ${what} | ${mutants} | ${killed} | ${timedOut} | ${survived} | ${uncovered} | ${same} | ${notRun} | ${score}${range}${sample?.retried ? ', after tests for its survivors' : ''} | ${area.goal} |`
  })
  const table = [
    '| area | files measured | mutants | killed | timed out | survived | no test | equivalent | not run | score, % | goal, % |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
  return [table, survivors(summary, files), equivalents(summary)].join('\n\n')
}

/** @param {import('./outcome.mjs').Summary} summary @param {ReturnType<typeof areaFiles>} files */
function survivors(summary, files) {
  const sections = [...files].flatMap(([area, of]) => {
    const rows = of.flatMap((file) =>
      survivorsOf(summary, area, file)
        .filter(
          (survivor) =>
            scoreOf({ files: { [file]: { ...none, survivors: [survivor] } } }, [file], equivalent)
              .equivalent === 0,
        )
        .map(
          ({ at, original, replacement, covered }) =>
            `| ${short(file)}:${at} | ${code(original)} | ${code(replacement)} |${covered ? '' : ' no test runs it'} |`,
        ),
    )
    if (rows.length === 0) return []
    return [
      [`### Survivors: ${area.name}`, '', '| place | code | mutant | |', '|---|---|---|---|', ...rows].join(
        '\n',
      ),
    ]
  })
  return sections.length > 0 ? sections.join('\n\n') : 'No mutant survives that is not equivalent.'
}

/** @param {import('./outcome.mjs').Summary} summary @param {import('../areas.mjs').Area} area @param {string} file */
function survivorsOf(summary, area, file) {
  return (summary.files[file] ?? summary.samples?.[area.name]?.files[file])?.survivors ?? []
}

const none = { measured: '', killed: 0, timedOut: 0, notRun: 0 }

/** @param {import('./outcome.mjs').Summary} summary */
function equivalents(summary) {
  const days = [...Object.values(summary.files), ...Object.values(summary.samples ?? {})]
    .map(({ measured }) => measured)
    .sort()
  const last =
    days.length > 0 ? `Measured between ${days[0]} and ${days.at(-1)}.` : 'Nothing has been measured.'
  if (equivalent.length === 0) return last
  const rows = equivalent.map(
    ({ file, original, replacement, reason }) =>
      `| ${short(file)} | ${code(original)} | ${code(replacement)} | ${reason.replaceAll('|', '\\|')} |`,
  )
  return [
    last,
    '',
    '### Equivalent mutants',
    '',
    '| file | code | mutant | why no test can find it |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n')
}

function areaFiles() {
  const ofAreas = filesOfAreas()
  const files = new Map([...areas, others].map((area) => [area, /** @type {string[]} */ ([])]))
  for (const file of allSources()) files.get(areaOf(file, ofAreas))?.push(file)
  return files
}

/** @param {string} file */
function short(file) {
  return file.replace(/^packages\//, '').replace('/src/', '/')
}

/** @param {string} text */
function code(text) {
  const shown = text.length > 70 ? `${text.slice(0, 67)}…` : text
  if (shown === '') return '(nothing)'
  const fence = shown.includes('`') ? '``' : '`'
  return `${fence}${fence === '``' ? ` ${shown} ` : shown}${fence}`.replaceAll('|', '\\|')
}
