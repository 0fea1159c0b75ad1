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
  {
    file: 'packages/auth-core/src/lib/login/exchange.ts',
    mutator: 'StringLiteral',
    original: "'credentials'",
    replacement: '""',
    line: "#phase: Phase = 'credentials'",
    reason: 'The phase is set again before the first thing that can take time.',
  },
  {
    file: 'packages/auth-core/src/lib/login/exchange.ts',
    mutator: 'EqualityOperator',
    original: 'attempts.length > 0',
    replacement: 'attempts.length >= 0',
    line: 'if (attempts.length > 0) this.#forget()',
    reason: 'Before the first attempt there is nothing to forget.',
  },
  {
    file: 'packages/auth-core/src/lib/login/exchange.ts',
    mutator: 'ConditionalExpression',
    original: "progress !== 'sent'",
    replacement: 'false',
    line: "if (progress !== 'sent') this.#observers = undefined",
    reason:
      'Only memory: nothing is reported after the end of a login, so nobody sees whether the observers were released.',
  },
  {
    file: 'packages/auth-core/src/lib/login/source-error.ts',
    mutator: 'ConditionalExpression',
    original: "typeof value === 'object' && value !== null",
    replacement: 'true',
    line: "return typeof value === 'object' && value !== null ? Object.values(value).slice(0, maxErrors) : []",
    reason: 'What is not an object has no errors in it, and the error about null is caught by the caller.',
  },
  {
    file: 'packages/auth-core/src/lib/login/source-error.ts',
    mutator: 'LogicalOperator',
    original: "typeof value === 'object' && value !== null",
    replacement: "typeof value === 'object' || value !== null",
    line: "return typeof value === 'object' && value !== null ? Object.values(value).slice(0, maxErrors) : []",
    reason: 'What is not an object has no errors in it, and the error about null is caught by the caller.',
  },
  {
    file: 'packages/auth-core/src/lib/login/login-counter.ts',
    mutator: 'EqualityOperator',
    original: 'left > 0',
    replacement: 'left >= 0',
    line: 'if (left > 0) open.set(endpoint, left)',
    reason: 'Only memory: a server with no open login reads as one that is not in the map.',
  },
  {
    file: 'packages/auth-core/src/lib/secrets/file-snapshot.ts',
    mutator: 'OptionalChaining',
    original: 'timer?.cancel',
    replacement: 'timer.cancel',
    line: 'await abortable(over, signal).finally(() => timer?.cancel())',
    reason: 'The timer is set at once, while the promise is made.',
  },
]
