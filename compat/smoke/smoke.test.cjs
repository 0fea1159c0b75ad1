/** The logins as tests of jest, or of any runner with a global `test`. */
const { logins } = require('./logins.cjs')
const { packages } = require('./required.cjs')

for (const [name, login] of Object.entries(logins(packages))) test(name, login, 300_000)
