/** Prints one line of JSON: the result of each login, with the packages loaded by import and by require. */
import { createRequire } from 'node:module'
import { packages } from './imported.mjs'

const require = createRequire(import.meta.url)
const { logins, results } = require('./logins.cjs')
const required = require('./required.cjs')
console.log(JSON.stringify([await results(logins(packages)), await results(logins(required.packages))]))
