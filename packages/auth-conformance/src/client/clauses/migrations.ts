import { check } from '../../clause.js'
import { describeValue } from '../../lib/time/waiting.js'
import { Dialogue } from '../../provider/dialogue.js'
import type { ClientBench } from '../bench.js'
import { type ClientClause, needsMigration } from '../clause.js'
import type { GivenMigration } from '../subject.js'

const source = '@x/auth-core: migrate'
const oldName = 'org.apache.cassandra.auth.PasswordAuthenticator'
const newName = 'org.example.Authenticator'

/** An old way that ends while the client runs, and comes back. */
export const migrationClauses: readonly ClientClause[] = [
  {
    id: 'CLIENT-70',
    level: 'must',
    source,
    title: 'answers both ways, and after the old one is closed, only the new one',
    notFor: needsMigration,
    async run(bench) {
      const migration = made(bench)
      for (const name of [oldName, newName]) await answers(migration, name)
      migration?.closeOldWay()
      check(Boolean(await errorOf(migration, oldName)), 'the old way was answered when it was closed')
      await answers(migration, newName)
    },
  },
  {
    id: 'CLIENT-71',
    level: 'must',
    source,
    title: 'sends nothing by the old way after it is closed, also in a login that had begun',
    notFor: needsMigration,
    async run(bench) {
      const { provider, give } = bench.waiting()
      const migration = bench.subject.migrate?.(
        { authenticator: oldName, provider },
        { authenticator: newName, provider: bench.readable() },
      )
      const authenticator = migration?.newAuthenticator('127.0.0.1:9042', oldName)
      if (!authenticator) return
      const dialogue = new Dialogue(authenticator)
      dialogue.begin()
      migration?.closeOldWay()
      give()
      check(Boolean((await dialogue.call(0)).error), 'the password was sent after the old way was closed')
    },
  },
  {
    id: 'CLIENT-72',
    level: 'must',
    source,
    title: 'answers the old way again once it is opened again',
    notFor: needsMigration,
    async run(bench) {
      const migration = made(bench)
      migration?.closeOldWay()
      migration?.reopenOldWay()
      for (const name of [oldName, newName]) await answers(migration, name)
    },
  },
  {
    id: 'CLIENT-73',
    level: 'must',
    source: 'RFC 4422 §6.1.2: an attacker can make the client choose the weakest way, a downgrade',
    title: 'sends nothing readable by one way if the other is not readable, whichever is the old one',
    notFor: needsMigration,
    async run(bench) {
      const readable = { authenticator: oldName, provider: bench.readable() }
      const guarded = { authenticator: newName, provider: bench.guarded() }
      for (const [oldWay, newWay] of [
        [readable, guarded],
        [guarded, readable],
      ] as const) {
        const migration = attempted(() => bench.subject.migrate?.(oldWay, newWay))
        if (migration) check(Boolean(await errorOf(migration, oldName)), 'a readable password was sent')
      }
    },
  },
]

function made({ subject, readable }: ClientBench): GivenMigration | undefined {
  return subject.migrate?.(
    { authenticator: oldName, provider: readable() },
    { authenticator: newName, provider: readable() },
  )
}

function attempted<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}

async function answers(migration: GivenMigration | undefined, name: string): Promise<void> {
  const error = await errorOf(migration, name)
  check(!error, `${name}: ${describeValue(error)}`)
}

/** The error with which a login ends before anything is sent. */
async function errorOf(migration: GivenMigration | undefined, name: string): Promise<unknown> {
  const authenticator = migration?.newAuthenticator('127.0.0.1:9042', name)
  return authenticator && (await new Dialogue(authenticator).start()).error
}
