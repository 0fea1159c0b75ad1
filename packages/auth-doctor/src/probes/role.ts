import { quotable } from '@x/auth-core/base'
import type { Wire } from '../protocol/wire.js'
import type { LoginReport } from '../report.js'
import type { Run } from '../run.js'
import { rowsIfAny, textIn } from './query.js'

/** Which role this is: of the name that logged in, or the only one that the server shows us. */
export async function roleOf(
  run: Run,
  wire: Wire,
  version: number,
  username: string | undefined,
): Promise<LoginReport['role']> {
  run.progress('asking for the role')
  const statement =
    username === undefined ? 'LIST ROLES' : `LIST ROLES OF "${username.replaceAll('"', '""')}" NORECURSIVE`
  const rows = await rowsIfAny(run, wire, version, statement)
  const row =
    username === undefined
      ? rows.length === 1
        ? rows[0]
        : undefined
      : rows.find(({ role }) => role === username)
  const name = textIn(row, 'role')
  if (!row || name === undefined) return undefined
  return { name: quotable(name), superuser: row['super'] === true, login: row['login'] === true }
}
