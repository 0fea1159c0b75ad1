import type { FindingCode } from '../findings/table.js'
import { type Dialled, dial } from '../protocol/dial.js'
import type { AddressReport } from '../report.js'
import type { Run } from '../run.js'
import type { HostAddress } from './dns.js'

const outcomes: Readonly<Record<string, AddressReport['outcome']>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'filtered',
  EHOSTUNREACH: 'no route',
  ENETUNREACH: 'no route',
  EADDRNOTAVAIL: 'no route',
  EACCES: 'denied',
  EPERM: 'denied',
  // A port without a listener refuses; this one has accepted the connection, and reset it at once.
  ECONNRESET: 'open',
}

const codes: Readonly<Record<Exclude<AddressReport['outcome'], 'open' | 'not tried'>, FindingCode>> = {
  refused: 'PORT_REFUSED',
  filtered: 'PORT_FILTERED',
  'no route': 'HOST_WITHOUT_ROUTE',
  denied: 'CONNECT_DENIED',
  failed: 'CONNECT_FAILED',
}

/** Tries each address once, and says which are open. */
export async function tryAddresses(
  run: Run,
  addresses: readonly HostAddress[],
  step = 'TCP',
): Promise<readonly AddressReport[]> {
  const { port } = run.given.target
  run.progress(`connecting to port ${port}`)
  const reports = await Promise.all(
    addresses.map(
      async ({ address, family }): Promise<AddressReport & { readonly code?: string | undefined }> => {
        const begin = run.budget.clock.now()
        const dialled = await dial({ address, port }, run.budget)
        if (dialled.kind === 'open') dialled.socket.destroy()
        const ms = run.budget.clock.now() - begin
        return {
          address,
          family,
          outcome: outcomeOf(dialled),
          ms,
          code: dialled.kind === 'failed' ? dialled.error.code : undefined,
        }
      },
    ),
  )
  const open = reports.find(({ outcome }) => outcome === 'open')
  if (open?.ms !== undefined) run.steps.push({ name: step, ms: open.ms })
  for (const { address, family, outcome, code } of reports) {
    if (outcome === 'open' || outcome === 'not tried') continue
    const detail = `${address} port ${port}${code === undefined ? '' : `: ${code}`}`
    if (open)
      run.findings.add(family === 6 && outcome === 'no route' ? 'IPV6_WITHOUT_ROUTE' : 'ADDRESS_DOWN', detail)
    else run.findings.add(codes[outcome], detail)
  }
  return reports.map(({ code: _, ...report }) => report)
}

function outcomeOf(dialled: Dialled): AddressReport['outcome'] {
  if (dialled.kind === 'open') return 'open'
  if (dialled.kind === 'late') return 'filtered'
  if (dialled.kind === 'spent') return 'not tried'
  return outcomes[dialled.error.code ?? ''] ?? 'failed'
}
