import { check } from '../../clause.js'
import { checkReachable, checkRead, checkSecret, shownIn } from '../../lib/secrets.js'
import { watchOutput } from '../../lib/watch-output.js'
import { needsState, type SourceClause } from '../clause.js'
import type { SourceState } from '../subject.js'

const broken: readonly SourceState[] = ['failing', 'unconfigured', 'malformed']

/** The suite puts canary secrets into the store of the source. Nothing that can be printed may show one. */
export const secretClauses: readonly SourceClause[] = [
  {
    id: 'SRC-20',
    level: 'must',
    source: 'this suite; CWE-209',
    title: 'shows no secret in an error',
    notFor: needsState(...broken),
    async run(bench) {
      for (const state of broken.filter((each) => bench.subject.states.includes(each))) {
        const made = await bench.source(state)
        const { error } = await bench.ask(made)
        checkSecret(error, made.secrets, `the error of a source that is ${state}`)
      }
    },
  },
  {
    id: 'SRC-21',
    level: 'must',
    source: 'this suite; CWE-532',
    title: 'shows no secret when the source itself is inspected, before and after it has answered',
    async run(bench) {
      const made = await bench.source()
      checkReachable(made.source, made.secrets, 'the source')
      await bench.ask(made)
      checkReachable(made.source, made.secrets, 'the source')
      checkSecret(made.source, made.secrets, 'the source')
      checkRead(made.source, made.secrets, 'the source')
    },
  },
  {
    id: 'SRC-22',
    level: 'must',
    source: 'this suite; CWE-532',
    title: 'writes no secret to the console or as a warning',
    async run(bench) {
      const written: string[] = []
      bench.defer(watchOutput((text) => written.push(text)))
      for (const state of bench.subject.states.filter((each) => each !== 'stuck')) {
        const made = await bench.source(state)
        await bench.ask(made)
        const shown = shownIn(written.join('\n'), made.secrets)
        check(shown === undefined, `a secret was written ${shown} to the output`)
      }
    },
  },
]
