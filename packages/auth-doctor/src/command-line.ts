import { statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { isError } from '@x/auth-core/base'
import type { Given, LoginChoice } from './options.js'
import { fieldsOf } from './probes/provider.js'
import type { Language } from './render/terminal.js'
import type { Secrets } from './secrets.js'
import { parseTarget, UsageError } from './target.js'

/** What the command is to do. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'explain'; readonly code: string }
  | { readonly kind: 'config'; readonly file: string; readonly json: boolean; readonly timeoutMs: number }
  | { readonly kind: 'diagnose'; readonly given: Given; readonly json: boolean; readonly language: Language }

export const usage = `Usage: auth-doctor HOST[:PORT] [options]
       auth-doctor --bundle ZIP [options]
       auth-doctor config FILE [--json] [--timeout S]    checks the options of a Client that FILE exports
       auth-doctor explain CODE            explains a code

Shows what listens there, what is wrong with TLS and the login, and which options to paste.

TLS
  --ca FILE            the root certificate to trust, PEM; may be repeated
  --crl FILE           a revocation list; may be repeated
  --cert FILE          the client's certificate, with --key FILE
  --pfx FILE           the same as a store (PKCS #12)
  --passphrase-file F  the passphrase of the key or the store; or the variable AUTH_DOCTOR_PASSPHRASE
  --servername NAME    the name that the server's certificate must have
  --bundle ZIP         the secure connect bundle of DataStax Astra, instead of HOST and the TLS options
Login
  --username NAME      logs in with a password
  --mechanism NAME     logs in with a SASL mechanism, such as SCRAM-SHA-256
  --sigv4              logs in to Amazon Keyspaces with the AWS credentials of this machine
  --profile NAME       the same with a profile of the AWS configuration
  --password-file F    the password or token; or the variable AUTH_DOCTOR_PASSWORD; or type it when asked
  --allow-cleartext    sends a password to a server that TLS does not verify
Other
  --nodes N            how many other nodes of the cluster are checked; default 8
  --timeout S          limit of the whole run in seconds; default 30
  --module KIND        the code to paste: esm (default), commonjs, typescript
  --json               the report as JSON, see report.schema.json
  --version, --help, -h

Exit code: 0 fine, 1 a finding, 2 unreachable, 64 wrong arguments. A password is never an argument.
`

const maxTimeoutS = 600
const maxNodes = 64

/** Reads the arguments; throws UsageError. Opens only the files that the arguments name. */
export function commandOf(args: readonly string[], secrets: Secrets): Command {
  const { values, positionals } = parsed(args)
  refuseEmpty(values)
  if (values.help) return { kind: 'help' }
  if (values.version) return { kind: 'version' }
  const [first, second, ...more] = positionals
  if (first === 'explain' || first === 'config') {
    if (second === undefined || more.length > 0)
      throw new UsageError(`auth-doctor ${first} takes one argument.`)
    if (first === 'explain') return { kind: 'explain', code: second }
    requireFile('FILE', second)
    return { kind: 'config', file: second, json: values.json, timeoutMs: timeoutIn(values) }
  }
  if (first === undefined && values.bundle === undefined)
    throw new UsageError('Give HOST or HOST:PORT, or --bundle ZIP.')
  if (second !== undefined)
    throw new UsageError(
      'Give one host: the doctor checks one cluster at a time, and finds its other nodes itself.',
    )
  return {
    kind: 'diagnose',
    given: givenIn(first, values, secrets),
    json: values.json,
    language: languageOf(values.module),
  }
}

type Values = ReturnType<typeof parsed>['values']

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ca: { type: 'string', multiple: true, default: [] },
        crl: { type: 'string', multiple: true, default: [] },
        cert: { type: 'string' },
        key: { type: 'string' },
        pfx: { type: 'string' },
        'passphrase-file': { type: 'string' },
        servername: { type: 'string' },
        bundle: { type: 'string' },
        username: { type: 'string' },
        mechanism: { type: 'string' },
        sigv4: { type: 'boolean', default: false },
        profile: { type: 'string' },
        'password-file': { type: 'string' },
        'allow-cleartext': { type: 'boolean', default: false },
        nodes: { type: 'string', default: '8' },
        timeout: { type: 'string', default: '30' },
        module: { type: 'string', default: 'esm' },
        json: { type: 'boolean', default: false },
        version: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    const said = isError(error) ? error.message : ''
    if (/'--(password|passphrase)'/.test(said)) {
      throw new UsageError(
        'A secret cannot be an argument, because other users of the machine can read it: use --password-file or --passphrase-file, the environment, or the prompt.',
      )
    }
    throw new UsageError(said.split(/\. |\n/)[0] ?? 'The arguments cannot be read.')
  }
}

/** A shell variable that is not set comes as an empty text. Without this check, what the option asks for would be off silently. */
function refuseEmpty(values: Values): void {
  for (const [name, value] of Object.entries(values)) {
    if ([value].flat().includes('')) throw new UsageError(`--${name} is empty.`)
  }
}

/** A pipe can be read only once, and a read of it can wait without end. A profile reads its files again. */
function requireFile(name: string, path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) throw new UsageError(`${name}: there is no file ${path}`)
  if (!stats.isFile()) throw new UsageError(`${name}: ${path} is not a regular file.`)
}

/** The bundle says who the server is, so no other option may say it. */
function refuseBesideBundle(host: string | undefined, values: Values): void {
  if (values.bundle === undefined) return
  if (host !== undefined)
    throw new UsageError(
      '--bundle contains the address of the database: leave HOST out. The doctor checks one cluster at a time.',
    )
  const { ca, crl, cert, key, pfx, servername, profile, sigv4 } = values
  const others = { ca: ca[0], crl: crl[0], cert, key, pfx, servername, profile, sigv4: sigv4 || undefined }
  for (const [name, value] of Object.entries(others)) {
    if (value !== undefined)
      throw new UsageError(`--bundle and --${name} contradict each other: leave one of them out.`)
  }
}

/** A placeholder until the bundle is read. */
const notYet: Given['target'] = { host: 'astra', port: 443 }

function givenIn(host: string | undefined, values: Values, secrets: Secrets): Given {
  const { ca, crl, cert, key, pfx, bundle, servername } = values
  refuseBesideBundle(host, values)
  if ((cert === undefined) !== (key === undefined)) throw new UsageError('--cert and --key go together.')
  if (cert !== undefined && pfx !== undefined)
    throw new UsageError('--pfx and --cert are both client certificates: give one of them.')
  const files = {
    '--ca': ca,
    '--crl': crl,
    '--cert': [cert],
    '--key': [key],
    '--pfx': [pfx],
    '--bundle': [bundle],
  }
  for (const [name, paths] of Object.entries(files)) {
    for (const path of paths) if (path !== undefined) requireFile(name, path)
  }
  return {
    target: host === undefined ? notYet : parseTarget(host),
    ca,
    crl,
    cert,
    key,
    pfx,
    bundle,
    passphrase: secrets.passphrase(values['passphrase-file']),
    servername,
    login: loginIn(values, secrets),
    allowCleartext: values['allow-cleartext'],
    timeoutMs: timeoutIn(values),
    nodes: nodesIn(values),
  }
}

function loginIn(values: Values, secrets: Secrets): LoginChoice | undefined {
  const { username, mechanism, sigv4, profile } = values
  const isSigV4 = sigv4 || profile !== undefined
  if (isSigV4 && (username !== undefined || mechanism !== undefined)) {
    throw new UsageError(
      '--sigv4 and --profile log in with AWS credentials: leave --username and --mechanism out.',
    )
  }
  if (isSigV4) return { kind: 'sigv4', profile }
  const password = secrets.password(values['password-file'], username)
  if (mechanism !== undefined) {
    const name = mechanism.toUpperCase()
    if (fieldsOf(name).includes('username') && username === undefined)
      throw new UsageError(`--mechanism ${name} needs --username.`)
    return { kind: 'mechanism', mechanism: name, username, password }
  }
  if (username !== undefined) return { kind: 'password', username, password }
  if (values['password-file'] !== undefined)
    throw new UsageError('--password-file needs --username or --mechanism.')
  return undefined
}

function languageOf(name: string): Language {
  if (name === 'esm' || name === 'commonjs' || name === 'typescript') return name
  throw new UsageError('--module is esm, commonjs or typescript.')
}

function nodesIn({ nodes }: Values): number {
  const number = numberIn('--nodes', nodes, 0, maxNodes)
  if (!Number.isInteger(number)) throw new UsageError('--nodes is a whole number.')
  return number
}

function timeoutIn({ timeout }: Values): number {
  return Math.round(numberIn('--timeout', timeout, 1, maxTimeoutS) * 1_000)
}

function numberIn(name: string, text: string, min: number, max: number): number {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (number >= min && number <= max) return number
  throw new UsageError(`${name} is a number from ${min} to ${max}.`)
}
