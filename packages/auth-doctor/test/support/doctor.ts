import { diagnose } from '../../src/diagnose.js'
import type { Given, Surroundings } from '../../src/options.js'
import type { Report } from '../../src/report.js'
import { checked } from './checked.js'
import { sentinel } from './sentinel.js'
import { turnClock } from './turn-clock.js'

export { sentinel } from './sentinel.js'

/** What the command makes of no options at all. */
export function given(port: number, more: Partial<Given> = {}): Given {
  return {
    target: { host: '127.0.0.1', port },
    ca: [],
    crl: [],
    cert: undefined,
    key: undefined,
    pfx: undefined,
    bundle: undefined,
    passphrase: undefined,
    servername: undefined,
    login: undefined,
    allowCleartext: false,
    timeoutMs: 60_000,
    nodes: 8,
    ...more,
  }
}

/** Asks the doctor, in turns of the event loop instead of milliseconds. */
export async function examine(
  port: number,
  more: Partial<Given> = {},
  surroundings: Surroundings = {},
): Promise<Report> {
  return checked(await diagnose(given(port, more), { clock: turnClock(), stepMs: 2_000, ...surroundings }))
}

/** A login by password, with the sentinel. */
export function passwordLogin(username = 'app', password = sentinel): Given['login'] {
  return { kind: 'password', username, password: () => password }
}

export const codesOf = (report: Report) => report.findings.map(({ code }) => code)
