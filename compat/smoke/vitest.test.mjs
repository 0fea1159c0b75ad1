import { createRequire } from 'node:module'
import { test } from 'vitest'
import { packages } from './imported.mjs'

const { logins } = createRequire(import.meta.url)('./logins.cjs')
for (const [name, login] of Object.entries(logins(packages))) test(name, login, 300_000)
