/**
 * Mutants that no test can kill, because what they change makes no difference to anyone. `original` and `replacement` are as the report
 * shows them; `line` is the text of the line where the mutant begins, needed where one file has several such mutants. An entry that matches
 * no surviving mutant is an error.
 *
 * @type {readonly import('./lib/outcome.mjs').Equivalent[]}
 */
export const equivalent = [
  {
    file: 'packages/auth-core/src/secure-client-options.ts',
    mutator: 'ArrayDeclaration',
    original: '[]',
    replacement: '["Stryker was here"]',
    line: 'const [, address, name] = /^\\[(.+)\\]:|^([^:]+):[^:]*$/.exec(each) ?? []',
    reason: 'Nobody reads the first element: it is where the whole match stands.',
  },
]
