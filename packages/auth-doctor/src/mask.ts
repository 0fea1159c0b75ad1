import { quotable } from '@x/auth-core/base'
import type { Report } from './report.js'

/** Members of the report that hold text of the server, and how each is changed. All others are ours, or from a fixed list. */
const foreign = new Set<string>([
  'detail',
  'versions',
  'supported',
  'subject',
  'issuer',
  'names',
  'policy',
  'className',
  'authenticator',
  'role',
  'dataCenter',
  'releaseVersion',
  'facts',
])

/** A shorter secret is part of too many words: a mask would spoil the report, and would show where the secret is. */
const minLength = 4

/** The text that replaces a secret. */
const mask = '***'

/** The report without the secret: a server that has received it can write it into each of its texts. */
export function maskReport(report: Report, secrets: readonly string[]): Report {
  const forms = secrets.filter(({ length }) => length >= minLength).flatMap(formsOf)
  return forms.length === 0 ? report : (maskIn(report, forms, false) as Report)
}

/** A text of the server without the secret. */
export function maskText(text: string, secrets: readonly string[]): string {
  return withoutForms(text, secrets.filter(({ length }) => length >= minLength).flatMap(formsOf))
}

function maskIn(value: unknown, forms: readonly string[], isForeign: boolean): unknown {
  if (typeof value === 'string') return isForeign ? withoutForms(value, forms) : value
  if (Array.isArray(value)) return value.map((each) => maskIn(each, forms, isForeign))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      isForeign ? withoutForms(key, forms) : key,
      maskIn(each, forms, isForeign || foreign.has(key)),
    ]),
  )
}

function withoutForms(text: string, forms: readonly string[]): string {
  const whole = forms.reduce((said, form) => said.replaceAll(form, mask), text)
  return whole.endsWith('…') ? withoutBeginning(whole, forms) : whole
}

/** A text that was cut may end with the beginning of the secret. */
function withoutBeginning(text: string, forms: readonly string[]): string {
  const said = text.slice(0, -1)
  for (const form of forms) {
    for (let length = form.length - 1; length >= minLength; length--) {
      if (said.endsWith(form.slice(0, length))) return `${said.slice(0, -length)}${mask}…`
    }
  }
  return text
}

/** The forms of a secret: the text itself, the form in which texts of a server are shown, and the forms in which programs write bytes. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [
    secret,
    quotable(secret, secret.length),
    quotable(bytes.toString('latin1'), bytes.length),
    encodeURIComponent(secret),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('hex'),
  ].filter((form) => form.length >= minLength)
}
