/** The logins as tests of jest, and of any runner that has `test` as a global. */
const { logins } = require('./logins.cjs')
const { packages } = require('./required.cjs')

for (const [name, login] of Object.entries(logins(packages))) test(name, login, 300_000)
