import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isAuthError, secureClientOptions } from '@x/auth-core'
import { recordOf } from '@x/auth-core/base'
import { explainTlsError, profileRecordOf, type TlsProfile } from '@x/tls-profiles'
import type { ClientOptions } from 'cassandra-driver'
import { Findings } from '../findings/finding.js'
import type { ConfigReport } from '../report.js'
import { verdictOfConfig } from '../verdict.js'
import { hasOption, unreadOptions } from './known-options.js'

/** Loads a module by its path. */
export type Load = (path: string) => Promise<unknown>

const importModule: Load = (path) => import(pathToFileURL(path).href)

/** The names under which a module may export its options. */
const exported = ['options', 'clientOptions', 'default'] as const

/**
 * Checks the options of a Client that a module exports: what `secureClientOptions` refuses, what the driver ignores, and which protections a
 * profile gives up.
 */
export async function checkConfig(file: string, load: Load = importModule): Promise<ConfigReport> {
  const findings = new Findings()
  const options = await optionsIn(file, load, findings)
  const seen = options && seenIn(options, findings)
  return configReport(file, findings, seen)
}

/** The report on a file, with what was seen if the file could be loaded. */
export function configReport(
  file: string,
  findings: Findings,
  { profile, provider }: Partial<Pick<ConfigReport, 'profile' | 'provider'>> = {},
): ConfigReport {
  const sorted = findings.sorted()
  return { schema: 1, file, ...verdictOfConfig(sorted), findings: sorted, profile, provider }
}

/** Options may have getters and classes of the user, and these may throw anything. */
function seenIn(
  options: ClientOptions,
  findings: Findings,
): Pick<ConfigReport, 'profile' | 'provider'> | undefined {
  try {
    const profile = check(options, findings)
    const record = recordOf(options.authProvider)
    return {
      profile: profile?.explain().text,
      provider: record && { name: record.provider, mechanisms: record.mechanisms, mutual: record.mutual },
    }
  } catch (error) {
    findings.add('CONFIG_UNREADABLE', `An option throws when it is read: ${kindOf(error)}.`)
    return undefined
  }
}

async function optionsIn(file: string, load: Load, findings: Findings): Promise<ClientOptions | undefined> {
  try {
    const module = await load(resolve(file))
    const found = exportedBy(module)
    const options = await (typeof found === 'function' ? (found as () => unknown)() : found)
    if (isObject(options) && !isNothing(options)) return options as unknown as ClientOptions
    findings.add('CONFIG_UNREADABLE', 'It exports no options.')
  } catch (error) {
    // Options are often checked where they are made: the error of a provider or a profile says more than an error about the module.
    if (findings.addError(error)) return undefined
    const diagnosis = explainTlsError(error)
    if (diagnosis) findings.addTls(diagnosis)
    else findings.add('CONFIG_UNREADABLE', kindOf(error))
  }
  return undefined
}

/**
 * What the module exports under one of the names; otherwise the exports themselves, if they have an option of a Client. If a CommonJS module is
 * imported, its `default` is all of its exports, and the same search runs in it.
 */
function exportedBy(module: unknown): unknown {
  if (!isObject(module)) return undefined
  const name = exported.find((each) => module[each] !== undefined)
  if (name === 'default')
    return isObject(module['default']) ? exportedBy(module['default']) : module['default']
  if (name !== undefined) return module[name]
  return hasOption(module) ? module : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isNothing(options: object): boolean {
  return Object.keys(options).length === 0
}

/** The usual form of names of errors and of their codes. Any other text may contain a secret. */
const errorName = /^[A-Za-z]{0,60}(Error|Exception)$/
const errorCode = /^E[A-Z0-9_]{1,60}$/

/** The kind and the code of an error: the text of an error that is not ours may repeat a secret. */
function kindOf(error: unknown): string {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown }
  return (
    [fits(name, errorName), fits(code, errorCode)].filter(Boolean).join(' ') ||
    'It throws a value that is not an error.'
  )
}

function fits(word: unknown, pattern: RegExp): string | undefined {
  return typeof word === 'string' && pattern.test(word) ? word : undefined
}

function check(options: ClientOptions, findings: Findings): TlsProfile | undefined {
  for (const name of unreadOptions(options as Readonly<Record<string, unknown>>))
    findings.add('OPTION_IGNORED', name)
  const { sslOptions, cloud } = options
  const record = sslOptions && profileRecordOf(sslOptions)
  if (!sslOptions && !cloud) findings.add('TLS_NOT_USED')
  else if (sslOptions && !record && sslOptions.rejectUnauthorized !== true) {
    findings.add(
      'TLS_NOT_VERIFIED',
      "The driver's default for rejectUnauthorized is false; Node.js has true.",
    )
  }
  try {
    secureClientOptions(options)
  } catch (error) {
    const diagnosis = isAuthError(error) ? undefined : explainTlsError(error)
    if (diagnosis) findings.addTls(diagnosis)
    else if (!findings.addError(error)) throw error
  }
  if (!record || typeof (sslOptions as Partial<TlsProfile>).explain !== 'function') return undefined
  const profile = sslOptions as unknown as TlsProfile
  const { givesUp, connectionRecord } = profile.explain()
  for (const { text } of givesUp) findings.add('TLS_GIVES_UP', text)
  if (!connectionRecord) findings.add('LOGINS_NOT_SEEN')
  return profile
}
