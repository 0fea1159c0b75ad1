import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { KerberosEnvironment } from './environment.js'

/** They exist on every system but Windows. */
const ids = process as Required<Pick<NodeJS.Process, 'getuid' | 'geteuid'>>

/** The places where libkrb5 of the known distributions looks for a client's keytab. */
const defaultKeytabs = (euid: number) => [
  `/etc/krb5/user/${euid}/client.keytab`,
  `/var/kerberos/krb5/user/${euid}/client.keytab`,
  `/var/lib/krb5/user/${euid}/client.keytab`,
  `/usr/local/var/krb5/user/${euid}/client.keytab`,
]

/**
 * Whether it is certain that this machine has no Kerberos credentials: no keytab and no ticket cache. Only files and
 * configuration of this machine decide, so nobody outside can influence it. False if a provider cannot look: a keyring,
 * a daemon, a system other than Linux.
 */
export async function hasNoCredentials(environment: KerberosEnvironment): Promise<boolean> {
  if (process.platform !== 'linux') return false
  const config = await configuration()
  if (config === undefined) return false
  const { KRB5_CLIENT_KTNAME: keytab, KRB5CCNAME: cache } = { ...process.env, ...environment }
  const caches = cache === undefined ? defaultCaches(config) : [cache]
  const keytabs = keytab === undefined ? clientKeytabs(config) : [keytab]
  const found = await Promise.all([...caches, ...keytabs].map(isAbsent))
  return found.every((absent) => absent)
}

/** Without a configuration it is MIT's built-in default, which is this path whatever TMPDIR says. */
function defaultCaches(config: string): readonly string[] {
  const named = settings(config, 'default_ccache_name')
  return named.length > 0 ? named : [`/tmp/krb5cc_${ids.getuid()}`]
}

function clientKeytabs(config: string): readonly string[] {
  const named = settings(config, 'default_client_keytab_name')
  return named.length > 0 ? named : defaultKeytabs(ids.geteuid())
}

/** Each value that the configuration has for a name, with the users in it. */
function settings(config: string, name: string): readonly string[] {
  const values = [...config.matchAll(new RegExp(`^[ \\t]*${name}[ \\t]*=[ \\t]*(.*?)[ \\t]*$`, 'gm'))]
  return values.map(([, value]) =>
    String(value)
      .replace(/%\{(?:uid|USERID)\}/g, String(ids.getuid()))
      .replaceAll('%{euid}', String(ids.geteuid())),
  )
}

/** Whether there is certainly nothing: only files and folders can be looked for. */
async function isAbsent(name: string): Promise<boolean> {
  // Whatever has another type does not begin with a slash.
  const path = name.replace(/^(?:FILE|DIR|WRFILE):/, '')
  if (!path.startsWith('/') || path.includes('%{')) return false
  return await isMissing(stat(path))
}

async function isMissing(looking: Promise<unknown>): Promise<boolean> {
  try {
    await looking
    return false
  } catch (error) {
    return (error as { code?: unknown }).code === 'ENOENT'
  }
}

/** The content of krb5.conf and the files that it includes; undefined if one of them cannot be read. */
async function configuration(): Promise<string | undefined> {
  const { KRB5_CONFIG: paths = '/etc/krb5.conf' } = process.env
  const texts = await Promise.all(paths.split(':').map((path) => withIncludes(path, 0)))
  return texts.includes(undefined) ? undefined : texts.join('\n')
}

/** More levels than real files have. */
const maxDepth = 4

async function withIncludes(path: string, depth: number): Promise<string | undefined> {
  if (depth > maxDepth) return undefined
  const reading = readFile(path, 'utf8')
  if (await isMissing(reading)) return ''
  const text = await reading.catch(() => undefined)
  // A module decides itself what it reads.
  if (text === undefined || /^[ \t]*module[ \t]/m.test(text)) return undefined
  const files = await includedBy(text)
  const included = await Promise.all(files.map((file) => withIncludes(file, depth + 1)))
  return included.includes(undefined) ? undefined : [text, ...included].join('\n')
}

async function includedBy(text: string): Promise<readonly string[]> {
  const files: string[] = []
  for (const [, kind, given] of text.matchAll(/^(include|includedir)[ \t]+(.*?)[ \t]*$/gm)) {
    const path = String(given)
    if (kind === 'include') files.push(path)
    // libkrb5 reads some of these files by their names; all of them is on the safe side.
    else for (const name of await namesIn(path)) files.push(join(path, name))
  }
  return files
}

/** A folder that cannot be read counts as a file, which then cannot be read either. */
async function namesIn(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch(() => [''])
}
