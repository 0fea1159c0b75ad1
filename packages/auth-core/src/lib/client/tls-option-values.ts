/** A value that Node would treat as "not given", would fail on at the first connection, or would understand differently. */
type Rule = readonly [is: (value: unknown) => boolean, must: string]

const oneOrMany = (is: (value: unknown) => boolean, must: string): Rule => [
  (value) => (Array.isArray(value) ? value.length > 0 && Array.from(value).every(is) : is(value)),
  `${must}, or a list of them, none of which is null or empty`,
]

const material = oneOrMany(isMaterial, 'PEM text or bytes')
const aFlag: Rule = [(value) => typeof value === 'boolean', 'true or false']
const aText: Rule = [isText, 'a string that is not empty']

const rules: Readonly<Record<string, Rule>> = {
  ca: material,
  crl: material,
  cert: material,
  key: oneOrMany(
    (value) => isMaterial(value) || isLocked(value, 'pem'),
    'PEM text or bytes, { pem, passphrase }',
  ),
  pfx: oneOrMany(
    (value) => isMaterial(value) || isLocked(value, 'buf'),
    'the bytes of PKCS #12, { buf, passphrase }',
  ),
  passphrase: aText,
  ciphers: [isText, 'a list of cipher suites, one string'],
  servername: aText,
  rejectUnauthorized: aFlag,
  allowPartialTrustChain: aFlag,
  checkServerIdentity: [(value) => typeof value === 'function', 'a function'],
  secureContext: [isContext, 'what tls.createSecureContext returns'],
}

/** What is wrong with a value of `sslOptions`; undefined if it is right. The text quotes no value, because some are keys. */
export function wrongValue(name: string, value: unknown): string | undefined {
  const [is, must] = rules[name] ?? [
    (given: unknown) => given !== null && given !== '',
    'neither null nor empty',
  ]
  return value === undefined || is(value) ? undefined : `${name} must be ${must}; or leave it out`
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}

/** By its shape: a test runner has a Uint8Array of its own. */
function isMaterial(value: unknown): boolean {
  return isText(value) || (ArrayBuffer.isView(value) && value.byteLength > 0)
}

/** A key or a store with its own passphrase. */
function isLocked(value: unknown, name: 'pem' | 'buf'): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { [name]: locked, passphrase } = value as Readonly<Record<string, unknown>>
  return isMaterial(locked) && (passphrase === undefined || typeof passphrase === 'string')
}

function isContext(value: unknown): boolean {
  return typeof (value as { context?: unknown } | null)?.context === 'object'
}
