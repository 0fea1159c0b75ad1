import { quotable } from '@x/auth-core/base'
import type { LocalEnd } from '../protocol/open.js'
import type { Row } from '../protocol/rows.js'
import type { Wire } from '../protocol/wire.js'
import type { LoginReport } from '../report.js'
import type { Run } from '../run.js'
import { ask, rowsIfAny, textIn } from './query.js'

/**
 * The role of this connection: the name that logged in, the name that the server shows for this connection, or the only role that the server
 * shows us.
 */
export async function roleOf(
  run: Run,
  wire: Wire,
  version: number,
  { username, local }: { username: string | undefined; local: LocalEnd | undefined },
): Promise<LoginReport['role']> {
  run.progress('asking for the role')
  if (username !== undefined) {
    const statement = `LIST ROLES OF "${username.replaceAll('"', '""')}" NORECURSIVE`
    return inRows(await rowsIfAny(run, wire, version, statement), username)
  }
  const rows = await rowsIfAny(run, wire, version, 'LIST ROLES')
  const [only] = rows
  if (rows.length <= 1) return only && inRows(rows, textIn(only, 'role'))
  const name = await nameAtThisEnd(run, wire, version, local)
  return name === undefined ? undefined : inRows(rows, name)
}

/**
 * Whether the server has a role for this connection, although it did not ask for a login: it may know the client by its certificate. To an
 * anonymous client, Cassandra and ScyllaDB list no roles ("You have to be logged in and not anonymous").
 */
export async function hasRole(run: Run, wire: Wire, version: number): Promise<boolean> {
  if (run.budget.remainingMs === 0) return false
  const rows = await ask(wire, version, 'LIST ROLES')
  return Array.isArray(rows) && rows.length > 0
}

/**
 * LIST ROLES shows all roles to a role that may see all, and so does not say which one is ours. system_views.clients, since Cassandra 4.0, has
 * the name at each end.
 */
async function nameAtThisEnd(
  run: Run,
  wire: Wire,
  version: number,
  local: LocalEnd | undefined,
): Promise<string | undefined> {
  if (local?.address === undefined || local.port === undefined) return undefined
  const address = local.address.replace(/^::ffff:(?=[0-9.]+$)/i, '')
  const statement = `SELECT username FROM system_views.clients WHERE address = '${address}' AND port = ${local.port}`
  const [row] = await rowsIfAny(run, wire, version, statement)
  return textIn(row, 'username')
}

function inRows(rows: readonly Row[], name: string | undefined): LoginReport['role'] {
  const row = rows.find(({ role }) => role === name)
  if (!row || name === undefined) return undefined
  return { name: quotable(name), superuser: row['super'] === true, login: row['login'] === true }
}
