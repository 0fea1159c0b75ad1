/**
 * The packages that imitate a server or test a provider. Their defaults are not defaults of an application: their docstrings describe
 * them. The tests of other packages use them.
 * @type {readonly string[]}
 */
export const testTools = ['@x/auth-testserver', '@x/auth-conformance']
