import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Clock } from '@x/auth-core'
import { Findings } from '../findings/finding.js'
import type { ConfigReport } from '../report.js'
import { configReport } from './check-config.js'

/**
 * Checks a file in its own process, which has no output: a module may print, hang, keep timers, end its process or throw later, and the report
 * still arrives within `timeoutMs`.
 */
export function checkInProcess(
  file: string,
  {
    timeoutMs,
    clock,
    script = join(__dirname, 'child.js'),
  }: { timeoutMs: number; clock: Clock; script?: string },
): Promise<ConfigReport> {
  return new Promise((resolve) => {
    const child = fork(script, [file], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    const end = (report: ConfigReport) => {
      timer.cancel()
      child.removeAllListeners()
      child.on('error', () => {})
      child.kill('SIGKILL')
      resolve(report)
    }
    const timer = clock.schedule(timeoutMs, () =>
      end(unreadable(file, `It was not loaded within ${timeoutMs / 1000} s: its code waits or never ends.`)),
    )
    child.once('message', (report) => end(report as ConfigReport))
    child.once('error', (error) => end(unreadable(file, `No process can be started for it: ${error.name}.`)))
    // The report may still be on its way when the process has ended: the channel closes after it.
    const gone = Promise.all([once(child, 'exit'), once(child, 'disconnect')])
    gone.then(
      ([[code]]) => end(unreadable(file, endOf(code as number | null))),
      () => {}, // an error: said above
    )
  })
}

function endOf(code: number | null): string {
  return code === 0 || code === 13
    ? 'It waits for something that never happens, or ends its process.'
    : `It ends its process, exit code ${code ?? 'unknown'}.`
}

function unreadable(file: string, detail: string): ConfigReport {
  const findings = new Findings()
  findings.add('CONFIG_UNREADABLE', detail)
  return configReport(file, findings)
}
