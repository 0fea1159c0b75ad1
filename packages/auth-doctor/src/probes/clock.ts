import type { Wire } from '../protocol/wire.js'
import type { Report } from '../report.js'
import type { Run } from '../run.js'
import { ask } from './query.js'

/** A smaller difference comes from NTP and from a busy server. */
const tolerableMs = 5_000

/** The difference between the server's clock and ours, exact to half a round trip. */
export async function clockOf(run: Run, wire: Wire, version: number): Promise<Report['clock']> {
  run.progress('comparing the clocks')
  const { clock, remainingMs } = run.budget
  if (remainingMs === 0) return undefined
  const sent = clock.now()
  const rows = await ask(wire, version, 'SELECT toTimestamp(now()) FROM system.local')
  const received = clock.now()
  const [value] = Array.isArray(rows) ? Object.values(rows[0] ?? {}) : []
  // Any number of 64 bits may come, and a Date holds fewer.
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) return undefined
  const differenceMs = Math.round(value.getTime() - (sent + received) / 2)
  const roundTripMs = received - sent
  if (Math.abs(differenceMs) > tolerableMs + roundTripMs) {
    const side = differenceMs > 0 ? 'ahead of' : 'behind'
    run.findings.add(
      'CLOCK_DIFFERS',
      `The clock of the server is ${Math.abs(differenceMs) / 1000} s ${side} that of this machine.`,
    )
  }
  return { differenceMs, roundTripMs }
}
